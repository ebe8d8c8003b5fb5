"""A plain question said back as its answer, with only the word that decides left blank: 130会不会拖地 -> 130〔会不会〕拖地.

Chinese asks and answers in the same order of words, so what the agent adds is one word: 不会, 三天, 100% 棉.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from app import regex as re

MAX_READ: Final = 60
"""Letters of a message that are looked at; who writes more wants more than one word."""
_LONGEST: Final = 20
_LEAST: Final = 1
_BRIEF: Final = 8
_MOST: Final = 2
"""Letters of one question, and questions answered at once."""

_MAY_ASK: Final = re.compile("[呢吗么吧?？不没多几什啥哪谁怎咋如还款色码]")
"""One of these letters is in every clause that the expressions below take for a question."""
_BREAKS: Final = re.compile(
    r"[\s，,。！!、~～;；:：…]+|(?<!\d)\.|\.(?!\d)|(?<=[?？])|(?<=[^嘛好行对是干][吗])(?=[\u4e00-\u9fff]{2})(?!还是|的|啊|呀|呢)"
)
_TAILS: Final = re.compile(r"(?:来着|[嘛呀啊呢哦哟哈咧啦诶噢哇嘞~\s]|[^\w\s%?？])+$")
_FACES: Final = re.compile(r"\[[^\[\]]{1,4}\]")
_OPENS: Final = re.compile(
    r"^(?:(?:你好|您好|在吗|亲亲?|老板|店家|客服|主播|请问|我?想?问(?:一)?[下句]|问个事|我?(?:就|先|只|再)(?:先|再)?问|[你您]们?就说|[你您]先(?:说|告诉我)|顺便(?:问(?:一?下)?)?|对了|另外|还有就是|还有(?=[一-龥]{1,6}(?:要|能|会|可以|是|多少|几|用))|(?:[你您]?再?)?帮(?:我|忙)(?:看|查|问)(?:一?[下看查问]|看|查)?(?=[^，,。\s])|那么?(?![个件条款双种些天里边儿])|但是?|不过|可是|到底|就是|然后|哦|噢|嗯|好的)(?:的|呀|啊)?)+(?=.{2})"
)
_OPEN_ENDED: Final = re.compile(r"怎么|咋|为[什啥]|如何|还是|呢[?？]?$")
_UNFIT: Final = re.compile(
    r"谁家|(?<!用)不用|上哪[儿里]?[找弄买]|去哪[儿里]?[找弄买]|就不[能会让][^，,。]{1,4}了|也叫|故意|怎|咋|为[什啥]|如何|还是(?!上次|原)|推荐|意思|^那?[我咱俺]们|什么(?:的|意思|叫|情况|样|关系)|没[什啥]|干[什嘛啥]|是[吧吗]$|好[吧吗]$|^[那也就]?行吧|知道|记得|那个什么|哪有|哪能|觉得|可惜|难道|凭|呢[?？]?$"
    r"|多大[码号]?$|多大合适|\d[穿拿选要买拍](?:啥|什么)$|[穿拿选要买拍](?:多大|什么码|啥码|几码)|这么|那么|了[没吗么]|你说|^就问|别跟我|解决|[^代]处理(?!器)|^(?:发货前?|麻烦|请|顺便)?[^能可]{0,3}帮我|^(?:老板|客服|店家|掌柜|亲|人|[你您]|有人)?还?在不在$|在没在|有没有人|有人[吗没在]|[能可][^，,。]{0,3}发[我给]|发我[一吗]|对[吧吗]|[a-z]\w*://|[@\[\]{}<>〔〕]|\d{5,}|退[货款]|投诉|差评|赔|便宜|优惠点|少点"
)
# what no shop answers with one word of the customer's: cures and harm to health, what is genuine, whose fault it is, what the
# law or the platform forbids, money back and prices to come, what is certain, other people, abuse and who is typing
_DELICATE: Final = re.compile(
    r"治(?!装)|疗|助眠|长高|皱纹|医用|[杀抗抑]菌|缓解|改善|减轻|疼|痛(?!快)|保健|养生|血液|睡眠|失眠|免疫|排毒|瘦身|燃脂|丰胸|红外|功效|疗效|(?<!毛)病|癌|炎(?!热|夏|炎)|[祛除去]湿|减肥|矫正|止[痒痛血]|消肿|敏感[肌皮]|甲醛|荧光剂|辐射|[有中]毒|[掉脱]头发|脱发|留疤|怀孕|流产|着火|起火|爆炸|触电|自杀|会死|能死|死人"
    r"|正品|真货|假货|真假|保真|正版|[高精复]仿|仿品|(?<![a-z])a货|原单(?!号)|专柜[货的]|水货|贴牌|责任|[们家谁你您]的?错|故意的|[是算于]质量问题|质量问题[吗吧]|负责|[怪怨]谁"
    r"|起诉|报警|官司|犯法|[违合非]法|工商(?!银行)|12315|[偷逃漏]税|(?<!多)少报|虚开|假(?:发?票|单)|[多代]开(?:发?票)|开[高多]一?[点些]|套现|刷单|走私|翻墙|毒品|色情(?!侣)|赌博"
    r"|私下|私聊|私转|(?<!对公)转账|线下(?:付|交易|转)|[加走换]个?微信|微信(?:号?是?多少|转|聊|交易|发红包)|加个?(?:v信|vx|[微qv](?:$|[吗么不呗吧]))|(?:不走|绕[过开])平台"
    r"|[降涨]价(?!保护)|最低(?:多少|价|能|几)|[返反]现|好评|晒图|补偿|全额|免单|退多少|假一|删了给|赔|退[您你我]|曝光|差评|投诉|私了|全责|人为|[三两十\d]倍|管不管|找谁|谁管|[们家]的问题|会(?:漏发|发错|又错)"
    r"|(?<!不)一定(?!要|得)|保证|肯定|绝对|最(?:好|强|高档|高级|低价)(?!看)的|第一|永[久远]|终身"
    r"|别人的?(?:订单|地址|电话)|客[户人]的?(?:电话|信息)|密码(?!锁|箱)|验证码|身份证号|卡号(?:是)?多少|老板(?:是谁|电话)|有(?:没有?)?[男女]朋友|机器人|(?:是|有)真人(?!拍|秀|模|实|上|穿)|^真人(?!秀|拍|模|实)|自动回复|是?人工(?:吗|么|还是|客服[吗么])|^[你您]们?(?:是不?是?人|几岁|多大|叫|信|敢|怕)|能[约睡](?:[吗不]|$)|[穿用](?:得了?)?(?:几年|多久|多长时间|几次|多少[年次])"
    r"|骗|有问题|有毛病|不合格|黑店|良心|不?要脸|[傻蠢贱]|死了|(?<!妈)妈的?呢|害人|倒闭|跑路|会说话|好好说话|是谁|是国家[吗吧?？]"
)
# who is allergic is answered by what the thing is made of, not by one word
_ALLERGIC: Final = re.compile("[过致]敏|疹")
# two things to tell between: 毛重还是净重, S还是M, 卡其还是黑色好看
_OR: Final = re.compile(
    r"(?:(?<=[选拿穿买要拍配用走])|(?<=适合)|(?<=[^还可但]是)|(?<=^是)|^)(?P<both>(?P<one>(?:(?![是选拿穿买要拍配用走斤])\w){1,6})还是(?P<other>[\w]{1,6}?))(?P<end>(?:更|比较|显|好看|好|合适|百搭|耐看|耐脏|暖和?|瘦|白|高|洋气){0,3})$"
)
_AS_BEFORE: Final = re.compile("上次|原|那样|不|没|我|你|[算退吧了]")
# 实物偏蓝还是偏黄, 松紧款还是系带款: the two begin or end alike
_ALIKE: Final = re.compile(
    r"(?P<both>(?:(?P<head>[\u4e00-\u9fff])[\u4e00-\u9fff]{1,3}还是(?P=head)[\u4e00-\u9fff]{1,3}))$"
)
# the same with the two named first: 焦糖色和卡其色哪个显白
_WHICH: Final = re.compile(
    r"(?P<one>[^，,。和跟与]{1,8})(?:和|跟|与|、)(?P<other>[^，,。和跟与]{1,8}?)(?:哪[个件款条种色]|谁)(?P<end>.{1,8})$"
)
# 多少钱呀这件
_TURNED: Final = re.compile(
    r"^(?P<asked>多少钱|几块钱?|[什啥]么?价)[呀啊呢哈]?(?P<what>[这那][\u4e00-\u9fff]{1,4})$"
)
# whether it is as the customer takes it: 那就免了对吧
_RIGHT: Final = re.compile(
    r"(?:那)?(?P<what>(?!这样|你说)[\w%.]{2,14}?)(?:[，, ]?(?:对吧|是吧|对不对|对不|对吗|没错吧))[?？]?"
)
_TWO_ASKED: Final = re.compile(r"吗(?=[^吗，,。\s?？]{2,}(?:([\u4e00-\u9fff])[不没]\1|吗|多少|几))")
_SURE_TAIL: Final = re.compile(r"[\s，,]+((?:对吧|是吧|对吗|对不对?|没错吧)[?？]?)(?=$|[\s，,])")
# 哪家设计: the shop or the customer; two words that are told apart by one letter (长款短款)
_WHO_DOES: Final = re.compile(
    r"(?P<both>(?:[你您我]们?|自己|店里|快递|师傅)(?:上门|来|去)?[\w]{1,4}还是(?:[你您我]们?|自己|店里|快递|师傅)[\w]{1,4})$"
)
_TWO_KINDS: Final = re.compile(
    r"(?P<one>[\u4e00-\u9fff]{1,3})(?P<kind>[款色码])(?P<other>[\u4e00-\u9fff]{1,3})(?P=kind)"
)
_HOW_IS: Final = re.compile(
    r"(?P<what>(?!这样|那样|情况|结果|事|处理|办)[\w]{1,10}?)(?:怎么样|咋样|怎样)[?？]?"
)
# what is asked before what it is about: 要熨吗收到的时候
_AFTER: Final = re.compile(
    r"(?P<asks>.{2,}吗)(?P<when>[^吗?？]{2,6}(?:时候|的话|之后|以后|之前|当天|现在|平时|第一次)|[你您]们?家)"
)
# 那就M吧 settles on something; only with such words does 吧 ask
_SETTLES: Final = re.compile(
    r"(?:^|也|都|就|还)(?:行|好|可以|成)吧$|^(?!.*(?:可以|能(?!量)|会|有|是|一样|够|不|没|得|正常|对吧|[要得加补](?:补|加|付|另)?[^，,]{0,2}[钱费])).*吧$"
)
_BY_WHOM: Final = re.compile(
    r"(?P<by>[我你您]们?|自己|快递|店里)(?:来|去|先)?(?:出|付|掏|垫|承担|负担|拿|带|交|寄)$"
)
_OURS: Final = re.compile(r"(?:[你您]们家?|[你您]家|店里)(?=[\u4e00-\u9fff]{2,})")
_BY_DAY: Final = re.compile(r"(?P<by>[前内天日号晚])(?=到(?!底|时|手|货|了))")
# the same of another thing: 双面的呢
_OTHER: Final = re.compile(
    r"(?!.*(?:斤|kg|cm|公分|厘米|人|单号|客服|货|东西|钱|结果|消息|好的|[谢怎咋]|[什那怎]么|为啥|还|才|在|没)[^的]{0,3}呢)那?(?:我|还有)?(?P<what>[\w]{1,12}?)(?P<of>的话|的)?呢[?？]?"
)
# what a customer asks after, in the place where its answer stands
_ASKED: Final = re.compile(
    r"多少(?:钱|块)?|(?:什么|啥)(?:时候|时间|颜色|码|料|材质|面料|牌子|价|快递)?|几(?:天|号|点|厘米|公分|个|件|条|双|块|楼|支|年|岁|码|色|种|月|层)|多(?:长|高|宽|重|久|厚|深)(?:时间)?|哪(?:里|儿|天|年|个|款|种|件|条|双|色)|(?<=[在到去从停放寄])哪(?![句位次样边])|谁"
)
_EITHER: Final = re.compile(r"(?<![不没])(?P<word>[\u4e00-\u9fff])(?P<not>[不没])(?P=word)(?P<more>以)?")
_QUESTION: Final = re.compile(
    r"(?:吗|(?<![什怎])么|不|没|没有|吧)?[?？]+$|(?:吗|(?<![什怎])么|(?<![差要对是])不|(?<=[\u4e00-\u9fff])没)$|(?<=[\w]{3})(?<!算了)吧$"
)
# modal -> what it is left as; words that only hold its letter are no modals
_MODAL: Final = re.compile(
    r"(?P<can>(?:不可以|可以)(?!的))|(?P<able>不?能(?!量|耐|干))|(?P<may>不?会(?!员|场|议|计))|(?P<have>还?(?<!所)(?<!只)(?:没有?|有)(?![点些限时人名效]))|(?P<be>(?<![还但可就要于总只凡])不?是(?!否))|(?P<easy>不?容易)|(?P<fine>不?行$)|(?P<must>要(?=[补交付掏](?:邮费|运费|差价|钱)|加钱|加价|另|额外|收费|付钱|交钱|补钱|干洗|手洗|熨|预约|排队))"
)
_LEFT: Final = {
    "can": "可不可以",
    "able": "能不能",
    "may": "会不会",
    "have": "有没有",
    "be": "是不是",
    "easy": "容不容易",
    "fine": "行不行",
    "must": "要不要",
}
_VERBS: Final = re.compile(
    r"(?P<word>保暖|[防抗][\u4e00-\u9fff]{1,2}|掉色|褪色|起球|起皱|掉毛|透气|吸汗|包邮|缩水|显瘦|显胖|显高|显黑|显白|显老|显嫩|显年轻|显土|显壮|显矮|显腿粗|显脸黄|百搭|免烫|偏大|偏小|偏长|偏短|变形|变黄|反光|勾丝|沾毛|参加|送货|打折|叠加|累脚|开门|营业|收费|加钱|加价|要钱|花钱|打孔|起静电|串色|染色|过期|够|偏码|正码|偏窄|偏宽|偏瘦|偏肥|标准|方便|免费|一样|(?<!收)[发到寄送]|(?<![估计预打])算|宽松|合身|修身|紧身|贴身|舒服|好看|好洗|好打理|(?<!严)重|(?<=还)在|正常|[厚薄透扎热闷硬软滑紧勒贵沉凉弹])$"
)
# 扛得住吗, 放得下不, 看得出来吗; 180斤XXL？
_ABLE: Final = re.compile(r"(?P<do>[\u4e00-\u9fff])得(?P<end>[住下了到来上开动出起及](?:来|去)?)$")
_SIZED: Final = re.compile(r"(?<![a-z])(?:\d?x{0,4}[sml]|\d{2}码)$")
_TAKES: Final = re.compile(
    r"(?<![不没还])(?P<word>包括|支持|需要|寄|遮|露|磨|沾|粘|吸|收(?!到|货)|含|送(?!到|货|来)|带(?!子|来)|配(?!色)|要(?!是|不|退|么)|走(?!路)|发(?!货|票|现))(?P<what>[\u4e00-\u9fff]{1,6})$"
)
_NOUNS: Final = re.compile(
    r"(?:正码|标准码|同一家|新款|老款|最后一件|现做的?|国产|进口|直营|纯棉|全棉|真丝|真皮|头层皮|牛皮|羊毛|羊绒|亚麻|现货|棉的?|[a-c]类|加[绒厚大]|宽松款|修身款|高腰|直筒|短款|长款|[^不]{1,10}的)$"
)
_ALL_RIGHT: Final = re.compile(r"(?<=[行以])的$")
_WHO: Final = re.compile(
    r"[我咱俺]们(?P<whose>公司|店|学校|班|单位|家)?|你们家?|您们|你家|您家|[我俺]|[你您]"
)
LETTERS: Final = re.compile(r"(?<![a-z])(?!cm|kg)(?:x{0,4}[sml]|[a-z]{1,2})(?![a-z])")
BLANK: Final = re.compile("〔[^〕]*〕")
_CHOICE: Final = re.compile("〔[^〕]*还是[^〕]*〕")
_WHAT: Final = re.compile("〔(?:什么|哪|啥)[^〕]*〕.{0,3}$")
_CODE: Final = re.compile(r"\d{5}")
_PLAIN: Final = re.compile(r"[\w%.+*/\-\u4e00-\u9fff〔〕]+")


@lru_cache(maxsize=256)
def restated(text: str) -> str:
    """What answers a plain question word for word, blanks marked with 〔〕; "" where there is no such answer.

    text: one normalised message. At most two questions are answered at once; one that cannot be leaves all unanswered, and so
    does one whose yes or no would be a promise, a verdict, a claim about health or an insult (这个能治病吗, 是不是正品).
    """
    if len(text) > MAX_READ or _MAY_ASK.search(text) is None or "〔" in text or _ALLERGIC.search(text):
        return ""
    answers: list[str] = []
    text = _TWO_ASKED.sub("吗，", _FACES.sub("", text).replace("吗还是", "还是"))
    text = _SURE_TAIL.sub(r"\1", text)
    for clause in filter(None, _BREAKS.split(_OPENS.sub("", text))):
        asks, answer = _answered(clause)
        if asks and (not answer or _DELICATE.search(clause)):
            return ""
        if answer and answers and _CHOICE.fullmatch(answer) and (open_ := _WHAT.search(answers[-1])):
            # the second question narrows the first: 里面是什么绒 鸭绒还是鹅绒
            answers[-1] = answers[-1][: open_.start()] + answer
        elif answer:
            answers.append(answer)
    return "，".join(answers) if 0 < len(answers) <= _MOST else ""


def is_choice(answer: str) -> bool:
    """Whether what is left blank is one of two things (会 or 不会, M or L) rather than anything else (三天)."""
    return all(_EITHER.search(found[0]) or "还是" in found[0] for found in BLANK.finditer(answer))


def _answered(clause: str) -> tuple[bool, str]:
    """Whether a clause asks something, and its answer, "" for none."""
    if _MAY_ASK.search(clause) is None:
        return False, ""
    if (other := _OTHER.fullmatch(clause)) is not None and not _UNFIT.search(other["what"]):
        of = "的" if other["of"] == "的" else "的话"
        return True, f"{_said_back(other['what'])}{of}，〔怎样〕"
    clause = _OPENS.sub("", _TAILS.sub("", clause))
    if _SETTLES.search(clause):
        return False, ""
    if (after := _AFTER.fullmatch(clause)) is not None:
        clause = f"{after['when']}{after['asks']}"
    if (how := _HOW_IS.fullmatch(clause)) is not None:
        return True, f"{_said_back(how['what'])}〔怎样〕"
    either, asked = _EITHER.search(clause), _ASKED.search(clause)
    polar = _QUESTION.search(clause)
    if (sure := _RIGHT.fullmatch(clause)) is not None:
        return True, f"〔对还是不对〕，{_said_back(sure['what'])}"
    if (turned := _TURNED.match(clause.rstrip("?？"))) is not None:
        clause = turned["what"] + turned["asked"]
        asked = _ASKED.search(clause)
    if (choice := _between(clause.rstrip("?？"))) is not None:
        return True, choice
    if not (either or asked or polar):
        return _OPEN_ENDED.search(clause) is not None, ""
    body = clause[: polar.start()] if polar and polar.start() else _TAILS.sub("", clause.rstrip("?？"))
    if not _LEAST <= len(body) <= _LONGEST or _UNFIT.search(clause):
        return True, ""
    body = _ALL_RIGHT.sub("", body)
    if either:
        found = _marked(body, either) if not asked or asked.end() <= either.start() else ""
    elif asked:
        found = "" if polar and asked[0][0] == "哪" else _marked(body, asked)
    else:
        found = _leaning(body)
    return True, _said_back(found) if found and _PLAIN.fullmatch(found) else ""


def _between(clause: str) -> str | None:
    """The answer to a question between two things; "" where it cannot be said back, None where there is no such question."""
    if (two := _TWO_KINDS.fullmatch(clause)) is not None and two["one"] != two["other"]:
        return f"〔{two['one']}{two['kind']}还是{two['other']}{two['kind']}〕"
    if len(clause) > _LONGEST:
        return None
    if (does := _WHO_DOES.search(clause)) is not None:
        return _said_back(f"{clause[: does.start()]}〔{does['both']}〕")
    if (which := _WHICH.fullmatch(clause)) is not None:
        found = f"〔{which['one']}还是{which['other']}〕{which['end']}"
    elif (alike := _ALIKE.search(clause)) and not _AS_BEFORE.search(alike["both"].partition("还是")[2]):
        found = f"{clause[: alike.start()]}〔{alike['both']}〕"
    elif (between := _OR.search(clause)) and not _AS_BEFORE.search(between["other"]):
        found = f"{clause[: between.start('both')]}〔{between['both']}〕{between['end']}"
    else:
        return None
    return _said_back(found) if _PLAIN.fullmatch(found) and not _CODE.search(found) else ""


def _marked(body: str, found: re.Match[str]) -> str:
    word = "哪里" if found[0] == "哪" else found[0].replace("啥", "什么")
    return f"{body[: found.start()]}〔{word}〕{body[found.end() :]}" if found.end() <= len(body) else ""


def _leaning(body: str) -> str:
    """A question by its particle: the modal that decides becomes the blank, else the verb or the noun at its end."""
    modal = _MODAL.search(body)
    if modal and modal.lastgroup:
        rest = body[modal.end() :]
        left = f"{body[: modal.start()]}〔{_LEFT[modal.lastgroup]}〕{rest}"
        return "" if _MODAL.search(rest) and modal.lastgroup == "be" else left
    if (day := _BY_DAY.search(body)) is not None:
        return f"{body[: day.end()]}〔能不能〕{body[day.end() :]}"
    if (able := _ABLE.search(body)) is not None:
        return f"{body[: able.start()]}〔{able['do']}得{able['end']}还是{able['do']}不{able['end']}〕"
    if (by := _BY_WHOM.search(body)) is not None:
        return f"{body[: by.start()]}〔是不是〕{body[by.start() :]}"
    if "来得及" in body:
        return body.replace("来得及", "〔来得及还是来不及〕", 1)
    if "才" in body and "要" in body:
        return f"〔是不是〕{body}"
    if _SIZED.search(body):
        return f"{body}〔可不可以〕"
    if (verb := _VERBS.search(body)) is not None:
        word = verb["word"]
        return f"{body[: verb.start()].removesuffix('不')}〔{word[0]}不{word}〕"
    if (takes := _TAKES.search(body)) is not None:
        word = takes["word"]
        return f"{body[: takes.start()]}〔{word[0]}不{word}〕{takes['what']}"
    if (noun := _NOUNS.search(body)) is not None:
        return f"{body[: noun.start()]}〔是不是〕{body[noun.start() :]}"
    if len(body) <= _BRIEF and ("直接" in body or "一起" in body):
        return f"{body}〔可不可以〕"
    if (ours := _OURS.search(body)) is not None:
        return f"{body[: ours.end()]}〔会不会〕{body[ours.end() :]}"
    return ""


def _said_back(answer: str) -> str:
    """The answer as the shop says it: the customer's 我 is 您, letters that are sizes, classes or short names in capitals."""
    swapped = _WHO.sub(
        lambda found: (
            f"您{found['whose'] or '这边'}"
            if found[0][-1] == "们" and found[0][0] in "我咱俺" or found["whose"]
            else "您"
            if found[0] in "我俺"
            else "我们"
            if len(found[0]) > 1
            else "我"
        ),
        answer,
    )
    return LETTERS.sub(lambda found: found[0].upper(), swapped)
