"""Talk before a purchase: whether that is all there is so far, and what the customer's words do in it."""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.reply.acts import CASE_FACTS
from app.reply.answers import MAX_READ, is_mere, is_question, tells_trouble, wishes_to_buy
from app.reply.first_words import goes_on
from app.reply.move_words import WANTS_TO_KNOW
from app.reply.restate import is_choice, restated
from app.reply.state import ANSWER_SURE, CASE_KINDS, ConversationState
from app.values import replace

# what customers ask about before they buy as well as after
_EITHER: Final = frozenset(
    {
        "price_drop", "invoice", "dispatch_delay", "delivery_delay", "repair_parts", "exchange", "return_freight",
        "coupon_payment", "out_of_stock", "order_change",
    }
)  # fmt: skip
_SURE: Final = 0.6
_PLAINLY: Final = 0.95
_OF_ORDERS: Final = (CASE_FACTS - {"期望方案"}) | {"姓名", "快递单号"}
_OF_WISHES: Final = frozenset({"照片", "有凭证", "洗过", "穿过"})
"""What agents also ask to see or to know of what a customer would like to have."""
_AFTER: Final = frozenset(
    {
        "换货", "退货退款", "补发", "补件", "维修", "仅退款", "拦截", "取消", "退运费", "催发货", "催物流", "检测", "升级主管",
    }
)  # fmt: skip
"""Remedies that an agent offers only for what is bought."""
_OWNED: Final = re.compile(
    r"(?<![不没能])(?:收到|到货了|到手|拿到|签收|拆开|寄[回错]|[多少漏]发|发(?:错|来的|成)|寄来|送来)(?![后之前]|的话)|(?<![看领想听遇])到了(?!.{0,6}[吗?？])|买(?:的|回来|来)(?!时候|人|多|家|都|少|话)"
    r"|(?:上次|昨天|前天|上周|之前|刚|才)[^，,。]{0,4}(?:买|拍|订|下单|定)|我(?:那|的|这)[件条双个套]|(?:上个?月|[0-9][号日])[^，,。]{0,4}(?:买|拍|下单)|[付交拍订定]了[^，,。]{0,8}(?:(?<!就)没|怎|咋|付不|不想|退|忘)|定金.{0,8}退"
    r"|(?<!能)(?<!可以)(?<!可)(?<!包)(?:[穿洗]|试)(?:了|过|完|着)(?![^，,。]{0,8}(?:吗|么|不$)|会|后|以后|之后|容易|怎|能|就会|舒|好|显|热|闷)|订单|单号|重[新]?[做开]|补开|还没(?:发|到|退|收|寄)|没收到|(?:怎么|咋)还"
    r"|(?:想|要|给我|申请|帮我)(?:退|投诉)(?!成|色)|要换[小大码]|退款|差评|投诉|取消|物流|快递(?!费)[^，,。]{0,4}(?:到|没|丢)|[寄发]了没|到哪|催|反悔|不想要|改(?:成|到|地址)|付不了|没减|清零|刮|扔了|断了|我[^，,。]{0,6}(?:订|付|拍)的|没领到|驿站|揽收|派送|取件|等于没|店员说|[号周\d点][一二三四五六日]?了(?:亲|哈|啊|呀|$)"
)
"""What only somebody says who has bought, or has an order."""

_BUYS: Final = re.compile(
    r"(?:拍|下单|付款|付|转|订|定|抢|买)(?:好|完|单|到|你|下)?(?:了|啦|咯|哒)(?!什么|啥|\d*[吗没])|付[^，,。]{0,4}(?:了|啦)$|定金(?:过去|转|给|交)[^，,。]{0,3}了|已(?:拍|付|下单)|付款成功|下单成功|(?:落|下)(?:咗|了)?单(?:了|啰|喽|咯|啦|喇|囉)|抢到(?:了|一)"
)
_ORDERS: Final = re.compile(
    r"(?:^|[\s，,。])(?:嗯|好的?|行|那|就|ok|哈|\s|，)*(?:给我)?(?:来|拿|要|拍|订|定|留|买)(?:你?[^，,。有没问点再一样]{0,4})?(?:[一两二三四五六七八九十俩仨\d]+[件条双套个顶瓶只份]|[SMLXsmlx]{1,4}码?$|件?[^，,。\s]{0,4}\d{2,3}码?$)"
    r"|^(?:好的?|行|那|嗯|我|就|凑|\s)*[^，,。有没问要到还看帮再换退]{0,4}\s?[一两二三四五俩\d]+[件条双套](?:$|[\s，,])|(?:件|条|双|套)[SMLXsmlx]{1,4}码?$|各[一两二三四五六1-9][件条双套个]|冲了|^要了(?=$|[\s，,])|就它了|下单去|去(?:付|拍|下单)|成交|听[你您]的|就(?:它|这[件条双个款]|那[件条双个款]|这样|这么)?(?:拍|买|要|定|来|拿)(?:了|吧|它|这)|(?:拍|发)(?:个)?链接给我|走你|[^，,。]秒了$|走起$|^来来+$|冲冲|^(?:拍|下单|安排|冲)[吧上]?$|[\s，,]下单$|我赶紧$|马上(?:就)?(?:拍|下单|付)|^(?:好|行|嗯|那|就|我|先|ok|\s|，)*(?:给[我她他]|帮我)?(?:再)?(?:来|拿|要|拍|选|买)(?!不|得|家|到|的是|什|多|怎|了|过|回|来|走|东西|发票|分|当|今|明|后|做|带|发|送|寄|开|写|印|绣|能|可|快|早|晚|先|自|有|会|是|防|耐)[^，,。没怕想看问等试虑改]{1,10}(?:试试)?$|^(?:好|行|嗯|那)[\s，]*(?:就)?[黑白灰红蓝绿黄粉紫米咖棕青杏驼藏浅深卡其色\s]{1,5}(?:[smlx]{1,4}|\d{2,3})?码?$|^那(?:还是|就)?(?:\d{2}|[smlx]{1,4})吧?$|再来一[条件双个套]|给我[一两二三1-9][条件双个套顶只份]|那?就?(?:拍|下)(?:这个|单)吧|打动"
)
# what an agent still owes when the customer nods
_OWES: Final = re.compile(
    r"(?:回|告诉|通知|答复)您|给您(?:信|回|结果)|(?:我|帮您|给您)(?:先|去|再|来|马上)?(?:问|查|量|看|核实|申请|确认|找)(?:一?下|问|看|量)?(?=[^，,。了过]{0,8}$|[，,。])|稍等|等我|您等|我给(?:店长|老板|主管|经理)"
)
_CONSENTS: Final = re.compile(
    r"^(?:嗯+|好|行|ok|可以|中|成|妥|那|拜托|等你|等您|\s|，|的|吧|你|您|了|呀|啊|哈)+$"
)
_NOD: Final = 8
HOLDS: Final = re.compile(
    r"(?:帮我|给我|替我|先|那就?|就)?留(?!张|言|字|话|个?条子|[多几\d])(?:着|一下|好|给我|[^，,。]{0,3}[一两二三1-3]?[件条双个顶套])(?!.{0,6}[吗么不?？])|(?:别|不要)(?:再)?(?:卖|被|让人)[^，,。]{0,6}(?:买|走|人|了)"
)
REMIND: Final = re.compile(
    r"(?:到(?:货|了)|有(?:货|了)|上(?:新|架)|补(?:货|到)|降价|开播|到时候?|活动)[^，,。]{0,6}(?:告诉|叫|喊|吼|通知|提醒|说一声|吱|艾特|@)|(?:了|好|后|结果|消息|新)[^，,。]{0,3}(?:告诉|叫|喊|通知|提醒|跟|和)我?一?(?:说|声)|有(?:结果|消息)[^，,。]{0,3}(?:吱|说)|(?:帮我|给我)?登记(?:一下|下|上)|提醒(?:一?下)?我|提醒一下"
)
_LEAVES: Final = re.compile(
    r"晚安|拜拜|拜了|拜$|记下了|再见|先这样|先走了|下次(?:吧|再来)|算[了啦](?![\s，,]*[^\s，,谢再]{2})|先?不(?:买|要|用|拍)了|不要了|等(?:活动|降价|双)|走了$"
)
PONDERS: Final = re.compile(
    r"(?:再|先)(?:看看|想想|逛逛|考虑|转转)|考虑(?:一下|下|考虑|看看)|想想|商量|问问?(?:一下|下)?(?:我)?(?:老公|老婆|家里|我妈|我爸|对象|朋友|闺蜜|领导|老板)|再(?:决定|说|比|来?买)|看过再|超(?:出)?(?:了)?预算|犹豫|纠结|加购|(?:加|放)(?:进)?(?:购物车|收藏)|先收藏"
)
_THANKS: Final = re.compile(
    r"谢|辛苦|麻烦(?:你|您)了|你真好|人真好|有耐心|专业|服务(?:真|很)?(?:好|可以)|感动|敞亮"
)
_BARGAINS: Final = re.compile(
    r"便宜(?!没|处理|[十一二三四五六七八九\d]+块)|(?:隔壁|别家|人家|旁边)[^，,。]{0,12}(?:折|便宜|\d{2,}|送)|少(?:点|一点)|抹(?:个|掉)?零|抹成|打(?:个)?折(?!的)|优惠点|最低(?:多少|价|给)|老(?:客|顾客|板).{0,6}(?:价|折|便宜)|亲情价|再(?:少|降|减|送)|再加[双个条件副点张](?!.{0,4}(?:多少|[吗?？]))|零头|面子|行不行.{0,8}(?:头一回|量大)|送(?:点|个|双|我(?=[点个双件条张]|什么|啥|袜|东西|小(?!区)|$))(?:啥|什么|袜|东西|小)?"
    r"|(?:^|\D)\d{2,4}(?:块|元)?(?:我)?(?:可以|行不行|行吗|行的话|能不能|卖不卖|拿|就)(?:[^，,。]{0,3}(?:拍|买|拿|要|吗)|$)|\d+成|[七八九]五?折|[六七八九]五$"
)
_DICTATION: Final = re.compile(
    r"写(?:什么|啥|字|句|点|几个字)|留言|(?:贺卡|卡片|祝福|落款|内容)[^，,。]{0,8}$"
)
_WAITS: Final = re.compile(
    r"^(?:有人|人呢|在不在|还在|好了没|问(?:好|到)了|有结果)|有结果了?(?:吗|没)|^快快|快点(?:啊|呀|回|$)|客服(?:呢|人呢|在吗|不在)|没客服|(?:回|理)(?:我)?(?:一下|下)啊|问到.{0,6}[?？]"
)
_WAITS_FOR: Final = re.compile(r"^[^，,。]{0,3}等[你您]|^(?:那)?(?:我)?等着")
# subject -> the words that ask about it; the first that fits
_SUBJECTS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (name, re.compile(words))
    for name, words in (
        (
            "问真人",
            r"机器人|(?<!模特)(?<!模特儿)(?<!模特是)(?:是|有)?真人(?:吗|么|嘛|客服|在|还是|回|[?？]|$)|自动(?:回复|回的)|(?<!转)(?<!找)(?<!要)(?<!有)人工(?:吗|么|客服[吗么]|在吗|还是|回复[吗么])|是人(?:吗|么|还是|在回)|智能客服|(?<![a-z])ai(?:吗|么|客服|回|还是|[?？]|$)",
        ),
        (
            "问功效",
            r"疗效|功效|防辐射|抗癌|治(?!装|谐|愈系)[^，,。]{0,6}(?:吗|么|不|病|好)|缓解|减轻|关节|颈椎|腰椎|腰疼|腰痛|风湿|老寒腿|痛经|宫寒|失眠|(?:助|改善|有助)[^，,。]{0,3}睡眠|减肥|真的?能?瘦|瘦(?:身|下来|几斤|肚子|腿)(?!裤)[^，,。]{0,6}(?:吗|么|不|效果|用)|燃脂|祛湿|除湿气|排毒|血液循环|免疫力|矫正|远红外|负离子|磁疗|石墨烯[^，,。]{0,8}(?:吗|用|效)|保健|养生|护膝[^，,。]{0,4}(?:病|疼|炎)|丰胸|提臀[^，,。]{0,4}(?:吗|么|效|用)",
        ),
        (
            "问返现",
            r"(?:好评|评价|晒图|晒单|五星|写评|追评|买家秀)[^，,。]{0,6}(?:返|红包|奖励|给(?:多少|钱|什么)|有(?:什么|啥|钱|礼|送)|送(?:什么|啥|东西|礼|券)|优惠|福利|好处)|返现(?:吗|么|不|多少|卡?吗|[?？]|$)|有(?:没有)?返现",
        ),
        (
            "问积分",
            r"积分|成长值|会员(?:等级|卡|码|权益)",
        ),
        (
            "问真假",
            r"正品|真假|真伪|真的假的|假货|真货|保真|高仿|仿的|原单|(?:跟|和|与)专柜|专柜(?:一样|同款|正|款)|防伪|盗版|正版|授权|靠谱|信得过|山寨|杂牌|没听(?:说)?过",
        ),
        (
            "问两处价",
            r"(?:朋友|同事|闺蜜|室友|同学|别人|人家手机|我妈|我姐|我妹|邻居|[他她](?:那|手机))[^，,。]{0,12}(?:便宜|价[格钱]?[^，,。]{0,3}(?:低|不一样|不同)|少\d|才\d|只要\d)|(?:实体店|门店|线下|专柜|商场|店里|直播间|旗舰店|网上|线上|淘宝|京东|抖音|拼多多|小程序|app)[^，,。]{0,14}(?:一个价|价[格钱]?[^，,。]{0,3}一样|一样[的]?价|同价|便宜(?:吗|些|点|多少)?|贵(?:吗|些|点|多少)|价[格钱]?(?:差|不同|不一样))",
        ),
        (
            "问以后价",
            r"(?:双十[一二]|双1[12]|双旦|618|年货节|黑五|女神节|情人节|元旦|过年|春节|国庆|五一|活动(?:的)?时候|大促|以后|过[几两]天|过阵子|下个?月|下周|月底|年底|到时候?)[^，,。]{0,10}(?:便宜|降|优惠|打折|活动|划算|半价|更低)|(?:还会|会不会再?|会再|还能再?)(?:便宜|降|打折|优惠|搞活动|有活动)|现在(?:买|拍|下单|入手)[^，,。]{0,6}(?:亏|划算|合适|贵|值)|(?:什么时候|几时|啥时候|多久|哪天)[^，,。]{0,4}(?:有?活动|打折|优惠|便宜|降价|促销|大促)",
        ),
        (
            "问搭配",
            r"搭(?:什么|啥|哪|配|个|件)|配(?:什么|啥|哪|个什么|件什么|一[件条双])|怎么[搭配](?!送)|[好能]搭(?:吗|么|不|嘛|[^，,。]{1,6}[吗么不])|(?:里面|里头|外面|下面|下身|上面|上身)(?:要|该|适合|应该|可以|能)?(?:穿|套|搭|配)(?:点|个|件)?(?:什么|啥|哪)",
        ),
        (
            "问链接",
            r"链接[^，,。]{0,8}(?:找不到|没了|失效|打不开|不见|丢|再发|发我|发一|给我|发过来|忘)|(?:再|能|可以|麻烦|帮我)[^，,。]{0,3}(?:发|给)[^，,。]{0,4}链接|找不到[^，,。]{0,6}(?:链接|那[件款个])",
        ),
        (
            "托付",
            r"(?!.*(?:怎么|什么|哪[里儿个]|呢[?？]?$))^(?:发货(?:前|的时候)|打包|寄|到时候?|麻烦|请|帮忙|顺便|记得|一定要?|[\s，,])*(?:能不?能?|可以)?(?:帮我|给我|麻烦)?[^，,。吗]{0,4}(?:检查|备注|留言|挑(?:一?件|好|个)|选一?件好|包(?:严实|结实|好一?点|厚)|轻拿轻放|轻点放)|(?:不要|别|不用)(?:给我)?打电话|放(?:在)?(?:门卫|门口|驿站|前台|快递柜|丰巢|物业|保安)(?:就|那|行|吧|即可|处|$)",
        ),
        (
            "才回",
            r"(?:刚才?|才|一直)(?:在)?(?:开会|上课|开车|忙|睡|有事|没看|去忙|看到|看见)(?!.{0,8}[吗么?？])|没看到(?:你的?|您的?)?消息|回(?:复)?(?:得)?晚了",
        ),
        (
            "寒暄",
            r"吃(?:饭|了|早饭|午饭|晚饭|过饭)(?:了)?(?:吗|么|没)|(?:你|您)(?:们)?(?:累不累|辛不辛苦|忙不忙|下班了?[吗没]|几点下班啊?哈)|(?:节日|新年|圣诞|元旦|中秋|国庆|周末|春节|过年)(?:快乐|好|愉快)|天气(?:真|好|太|这么)",
        ),
        (
            "问门店",
            r"(?:几点|什么时候)(?:关|开|下班|打烊|营业)|开到几点|营业|(?:门|实体|你们|旗舰)店[^，,。]{0,4}(?:在哪|地址|哪里|位置|有吗)|停车|怎么(?:过来|走)|电梯|推婴儿车|(?:店里|门店|到店|实体店)[^，,。]{0,8}(?:试(?!穿的|过)|有(?:吗|不|$)|有货|有没有|能看)|地址在哪|在哪(?:条|个)?路",
        ),
        (
            "问礼盒",
            r"礼盒|礼品袋|礼袋|贺卡|手写卡|(?<!订单)(?<!商品)卡片|手提袋|包装(?!袋破)|装(?:得)?好看|送人[^，,。]{0,6}(?:包|装|盒)|别放(?:小票|价格|发票)|小票.{0,4}别放",
        ),
        (
            "问定制",
            r"定[做制]|订[做制]|印(?:字|logo|个|图|我|自己|上)|绣(?:名|字|个|店|logo|上)|刻字|改(?:短|长|小|裤脚|裤长|袖长|腰)|裤脚|量身|打样|logo",
        ),
        (
            "问批发",
            r"批发|团购|拿货|进货|大货|起订|起批|代理|一件代发|(?:[2-9]\d|\d{3,}|[二三四五六七八九]十[一二三四五六七八九]?|[一两二三]百)(?:件|套|条|双|顶|份|个(?:孩子|人|学生|员工))[^，,。]{0,8}(?:多少|价|怎么|便宜|能|给|起|$|[\s，,])|(?:表演|演出|校|园|队|制)服|公司(?:年会|要|采购)|工服|班服|团服",
        ),
        ("问开票", r"发票|专票|普票|开票|税点|含税|抬头"),
        (
            "问寄远",
            r"(?:寄|发|到|送)(?:去|到|往)?[^，,。]{0,4}(?:国外|海外|台湾|台灣|香港|澳门|澳洲|美国|加拿大|新疆|西藏|内蒙|海南)|清关|关税|GST|gst|集运|集運|直送|偏远",
        ),
        (
            "问实拍",
            r"实拍|实物图|实物(?:照|视频)|(?:有没有|有|发|拍|看)[^，,。\[]{0,6}(?:视频|照片|图片|买家秀|细节图|上身图|实图)|有图[不吗没]|拍(?:个|张)(?:图|照|视频|我看)|上身(?:效果|啥样|什么样)",
        ),
        (
            "问补货",
            r"补货|(?:还|会|再|啥时候|什么时候|几时)(?:会)?(?:补|有货|上新|上架|进货|再进)(?!丁|差|我|税|邮|运)|补不补|下架|到货(?:提醒|通知|了叫)|抢不到|没抢到|又没了|(?:显示|提示)?没货了?|断码",
        ),
        (
            "问合计",
            r"(?:一共|总共|加起来|一起|合计|总价|全部|凑一起)(?:多少|几|要|是|下来)|(?:算|减)(?:下来|完|完券)(?:多少|几)|到手(?:价|多少)",
        ),
        (
            "问模特",
            r"模特|主播[^，,。]{0,6}(?:多高|脚|穿|什么码|几码|多少斤|多重)|你(?:们)?(?:同事|店员)[^，,。]{0,4}(?:多高|穿几)",
        ),
        (
            "问尺寸",
            r"(?:领子|领围|领口|袖长|衣长|裙长|裤长|胸围|腰围|臀围|肩宽|下摆|大腿围|腿围|筒围|筒高|跟高?|帽围|内长|后中|长度|高度|鞋长|包)[^，,。我]{0,4}(?:多少|多大|多长|多高|几厘米|几公分|几|呢$|到哪)|(?:多长|多宽|多高|几厘米|几公分)(?!时间)|到(?:膝盖|脚踝|小腿|大腿|屁股|脚面)[^，,。]{0,3}(?:吗|不|么|哪|上面|下面|还是|$)|拖地|过膝|盖(?:屁股|住)|差多少|相差|[大小长短宽]多少|会(?:不会)?[^，,。]{0,4}(?:卡|勒|绷|崩|漏风|空|撑|垮)",
        ),
        (
            "求推荐",
            r"推荐(?!的)|(?:给|送|帮)[^，,。]{1,6}(?:买|挑|选|送|穿|生日|礼物)[^，,。]*[\s，,]?[^，,。]{0,8}(?:哪[款件条个种]|什么[款样]|啥款)|穿(?:啥|什么|哪[件条款种])[^，,。]{0,8}(?:好看|合适|拍照|好)|(?:有没有|有无)[^，,。]{0,10}(?:适合|遮肚|显瘦|显高|巨人|胖(?:人|子|妹)?|大码|孕妇|老人|妈妈)[^，,。]{0,10}(?:的|裤|裙|款|吗|不|$)|值得|[穿用]的(?:睡衣|衣服|裤子|裙子|鞋|外套)",
        ),
        (
            "比一比",
            r"\d{2}码?还是\d{2}|差在哪|(?:选|要|拿|买|穿|显|色|款|[黑白灰蓝红绿粉米咖棕卡驼青紫黄SMLXsmlx])[^，,。]{0,5}还是(?!上次|我|你)|选(?:哪|啥|什么)(?!码|尺)|哪(?:个|款|件|种|条|色)(?:色)?(?:好|更|显|百搭|适合|耐|差别|合适)|(?:跟|和|与)[^，,。]{1,8}(?:哪个|差别|区别|有(?:啥|什么)不同|比)|啥区别|什么区别",
        ),
        (
            "问面料",
            r"(?:什么|啥|哪种|几种)(?:料|面料|材质|成分)|面料(?:是|有|呢)|(?:是|含|带)[^，,。]{0,4}(?:羊毛|羊绒|纯棉|真丝|涤|亚麻)[^，,。]{0,4}(?:吗|不|么|[?？])|充绒量|含绒量|克重|几支|多少克",
        ),
    )
)
_ANY_STOCK: Final = frozenset({"ask_stock"})
_WISHES: Final = frozenset({"求推荐", "问实拍", "比一比", "问礼盒"})
"""Subjects that a customer may bring up without asking anything."""
_OF_PRICES: Final = frozenset({"问返现", "问两处价", "问以后价"})
"""Questions about prices that ask for nothing off."""
_WONDERS: Final = re.compile(
    "〔(?:是不是|谁|怎样|对还是不对)〕|[你您我]们?(?:发|寄|是)|收到|拿到|到底|太|吧|救|赔|换"
)
_CLAUSES: Final = re.compile(r"[\s，,。！!、~～;；:：?？]+")
"""What only sounds like a question, or asks after what is under way."""
_ASIDE_SUBJECTS: Final = frozenset(
    {"问真人", "问功效", "问返现", "问积分", "问两处价", "问链接", "托付", "才回", "寒暄"}
)
_TELLS: Final = re.compile(
    r"没(?:给|到|寄|有?回|收|发|减|领)|扣|兑|退|收到|打开|备注[了要]|天了|每次|[都就老]是?会|老|就会|返我|给我返|才看到(?:你|您|搬|有)|跳出|你们?回|别打电话给(?!我)"
)
"""What is told of trouble beside such a subject."""
_SETTLES: Final = re.compile(r"^(?:那就|就(?!是)|好|行|嗯|可以|别|不要|记得|记住)")
_NO_QUESTION: Final = re.compile(r"[这那]么|不怎么|没什么|什么(?:都|鬼|破|烂|玩意)|啥也")
"""Words of questions that ask nothing."""
_BRIEF: Final = 30
_READ: Final = 300
"""Letters of a message that are looked at."""
_TERSE: Final = 6


def browses(state: ConversationState) -> bool:
    """Whether the whole talk is one before buying: the customer asks, and nothing tells of an order or of trouble.

    What an agent gives then (a discount, a gift) is no remedy, and what sounds like a complaint is a question.
    """
    turn = state.open
    if _merely_asks(state):
        return True
    if has_bought(state):
        return False
    if not (state.consulted or turn.ids("question") or _began_asking(state)):
        return False
    if state.tabled & _AFTER or turn.ids("risk"):
        return False
    if turn.chases or turn.broken or turn.emotion >= 2:
        return False
    asks = any(map(_asks, turn.texts))
    return not any(
        (match.kind == "complaint" and match.score >= ANSWER_SURE and not asks)
        or (match.kind == "enquiry" and match.score >= _SURE and match.id not in _EITHER)
        for match in turn.intents
    )


def has_bought(state: ConversationState) -> bool:
    """Whether anything tells of an order: a card, what agents asked for, the customer's own words."""
    asked = state.asked & (_OF_ORDERS if state.cases else _OF_ORDERS - _OF_WISHES)
    if state.carded or state.apologised or asked:
        return True
    return any(_OWNED.search(text[:MAX_READ]) or tells_trouble(text) for text in state.said)


def _began_asking(state: ConversationState) -> bool:
    """Whether the talk began with a question before buying, though no intent told so, and no case was heard since."""
    if state.cases or state.risks:
        return False
    if any(match.kind == "complaint" and match.score >= _PLAINLY for match in state.open.intents):
        return False
    return bool(state.said) and _asks(state.said[0]) and bool(_subject(state.said[0]))


def begins_aside(state: ConversationState) -> bool:
    """Whether a talk begins with what is no case, whatever it may sound like: who is typing, cures, cash for praise, small
    talk, what was agreed on before.
    """
    turn = state.open
    if state.agent_turns or state.carded or turn.emotion > 1 or not turn.texts:
        return False
    if any(match.kind in (*CASE_KINDS, "risk") and match.score >= ANSWER_SURE for match in turn.intents):
        return False
    text = "，".join(turn.texts)[:MAX_READ]
    if _subject(text) in _ASIDE_SUBJECTS and not (_TELLS.search(text) or _OWNED.search(text)):
        return True
    others = set(turn.ids(*CASE_KINDS)) - {"promise_broken"}
    return not (others or turn.has("accept_solution")) and goes_on(state)


def _merely_asks(state: ConversationState) -> bool:
    """Whether a talk begins with one calm question between two things (裤腰是松紧的还是扣子的) and nothing else, whatever
    complaint it may sound like.
    """
    turn = state.open
    if state.agent_turns or state.carded or len(turn.texts) != 1 or turn.emotion > 1:
        return False
    text = turn.texts[0]
    if turn.ids("enquiry", "risk") or not turn.ids("complaint") or len(text) > _BRIEF or _OWNED.search(text):
        return False
    answer = restated(text)
    clauses = [clause for clause in _CLAUSES.split(text) if clause]
    return (
        bool(answer)
        and is_choice(answer)
        and answer.count("〔") == len(clauses)
        and _WONDERS.search(text + answer) is None
    )


def _asks(text: str) -> bool:
    text = _NO_QUESTION.sub("", text)
    return is_question(text) or WANTS_TO_KNOW.search(text[:_READ]) is not None


def going_on(state: ConversationState) -> ConversationState:
    """The state that an agent's reply closes: what sounds like a complaint before buying opens no case."""
    if not state.open.ids(*CASE_KINDS) or not browses(state):
        return state
    left = tuple(match for match in state.open.intents if match.kind not in CASE_KINDS)
    return replace(state, open=replace(state.open, intents=left), consulted=True)


def presale_move(state: ConversationState, text: str, asks: bool) -> str:
    """What a customer's words do in a talk about buying, "" for nothing that has a name.

    asks: whether they ask something. With a case open 好的 belongs to it. Who tells a weight asks which size to take.
    """
    if not (asks or state.agent_turns or set(state.open.ids("question")) - _ANY_STOCK) and wishes_to_buy(
        text
    ):
        return _subject(text) or "求推荐"
    if asks and not state.agent_turns and (wholesale := _subject(text)) in ("问批发", "问定制"):
        return wholesale
    does = _buys(state, text, asks) or ("" if state.cases and has_bought(state) else _does(state, text, asks))
    if does:
        return does
    if state.carded or (not asks and (len(text) > _BRIEF or _SETTLES.search(text))):
        return ""
    subject = _subject(text)
    if not asks and state.agent_turns and subject not in _WISHES:
        return ""
    weighed = any(slot.name == "体重" for slot in state.open.slots)
    return "" if subject == "问尺寸" and weighed else subject


def _subject(text: str) -> str:
    return next((name for name, words in _SUBJECTS if words.search(text[:_READ])), "")


def _buys(state: ConversationState, text: str, asks: bool) -> str:
    latest = state.open.texts[-1][:_READ]
    if asks or _BARGAINS.search(text):
        return ""
    if not state.agent_turns:
        plain = len(text) <= _BRIEF and not state.open.ids("complaint", "enquiry", "risk")
        return "下单了" if plain and _BUYS.search(text) and not state.open.has("thanks_praise") else ""
    if _BUYS.search(text):
        return "下单了"
    if HOLDS.search(latest) or REMIND.search(latest):
        return ""
    return "要下单" if _ORDERS.search(latest) and len(latest) <= _BRIEF else ""


def _does(state: ConversationState, text: str, asks: bool) -> str:
    latest = state.open.texts[-1][:_READ]
    if _WAITS.search(latest) and (state.agent_turns or len(state.open.texts) > 1):
        return "等回话"
    if _BARGAINS.search(text) and _subject(text) not in _OF_PRICES:
        return "讲价"
    if not state.agent_turns or asks:
        return ""
    if len(latest) <= _NOD and _OWES.search(state.reply) and _CONSENTS.search(latest):
        return "等信"
    for name, words in (("要留货", HOLDS), ("要提醒", REMIND)):
        if words.search(text):
            return name
    if PONDERS.search(text):
        return "考虑"
    if _LEAVES.search(text) and not state.awaiting:
        return "道别"
    if _DICTATION.search(state.reply) and not is_mere(text):
        return "给资料"
    if _THANKS.search(text) and not state.open.ids("question"):
        return "道谢"
    agrees = is_mere(text) or (len(text) <= _TERSE and state.open.has("accept_solution"))
    return "应声" if agrees or _WAITS_FOR.search(latest) else ""
