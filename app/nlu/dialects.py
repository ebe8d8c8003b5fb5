"""Written Cantonese, and what is safe of other dialects, read as Mandarin: 點解俾咗我 as 为啥给了我.

Character for character, so that every position stays what it is. Ordinary characters (係, 話, 返, 着 …) are read otherwise
only in a text that shows by others (唔, 嘅, 咗 …) that it is Cantonese; all other texts stay as they are.
Which words are read, and as what, is decided here (practice).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app import regex as re

_STOP: Final = r"[\s,.;:?!~，。；：？！～、…()\[\]]"
_END: Final = f"(?={_STOP}|$)"
_START: Final = f"(?:(?<={_STOP})|^)"
_NUMBER: Final = "[0-9一二两三四五六七八九十百千几]"


def _pairs(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


# in the spelling of normalised text: 喎 is 㖞, 嗰 is 𠮶, 搵 is 揾, 噚 is 㖊
_WORDS: Final = _pairs(
    """
    唔好意思 不好意思 唔紧要 不要紧 唔使 不用 唔驶 不用 使唔使 用不用 唔识 不会 识唔识 会不会 得唔得 行不行 唔制 不干 唔知 不知
    唔抵 不值 抵唔抵 值不值 好抵 很值 唔该晒 谢谢了 多谢晒 多谢了 麻烦晒 谢谢了 冇所谓 无所谓 冇声气 没消息 仲未 还没 都未 都没 隔篱 隔壁 得切 得及 唔切 不及
    啱啱 刚刚 啱先 刚才 啱好 刚好 啱唔啱 合不合 钟意 喜欢 中意 喜欢
    系咪 是否 系度 在这 喺度 在这 点解 为啥 点样 怎样 点算 咋办 点办 咋办 点知 谁知 点搞 咋弄 点整 咋弄
    几耐 多久 几多 多少 好耐 好久 咁耐 太久 咁样 这样 咁多 太多 咁嘅 这种 几好 挺好 好似 好像 即刻 马上
    听日 明天 寻日 昨天 琴日 昨天 㖊日 昨天 今日 今天 后日 后天 前日 前天 听朝 明早 今朝 今早 寻晚 昨晚 琴晚 昨晚 㖊晚 昨晚
    下昼 下午 上昼 上午 晏昼 中午 家下 现在 头先 刚才 等阵 等下 成日 整天 成身 全身 成地 满地
    乜嘢 什么 咩嘢 什么 做咩 为啥 做乜 为啥 啲嘢 东西 件嘢 东西 讲嘢 说话 衰嘢 烂货
    定系 还是 都系 还是 同埋 还有 但系 但是 梗系 当然 实系 肯定 即系 就是 净系 只是 一系 要么 先至 这才
    嚟㗎 的呀 㗎喇 的了 㗎啦 的了 㗎咩 的吗 屋企 家里 铺头 店铺 老细 老板 帮衬 光顾 应承 答应 话得事 能做主 话事 做主
    落单 下单 落咗单 下了单 落错单 下错单 落水 下水 落去 下去 速递 快递 派咗 送了 入面 里面 质素 质量 冻水 冷水
    羽绒褛 羽绒衣 大褛 大衣 风褛 风衣 皮褛 皮衣 外褛 外套 冷衫 毛衣 颈巾 围巾 波鞋 球鞋
    搞掂 搞定 搞唔掂 搞不定 影相 拍照 影张相 拍照片 张相 照片 影咗 拍了 影俾 拍给 影畀 拍给 影张 拍张 找数 付款 转数快 转账户
    平咗 降了 平啲 便宜 平好多 便宜多 好平 便宜 大细 大小 细路女 小女孩 细路仔 小男孩 细路 小孩 细码 小码 细咗 小了 太细 太小 好细 好小
    甩色 掉色 甩线 脱线 甩毛 掉毛 毛波 毛球 毛粒 毛球 起粒 起球 起晒粒 起了球 穿窿 破洞 回覆 回复 答覆 答复
    有得倾 可以谈 冇得倾 没得谈 返嚟 回来 返去 回去 返到 回到 返工 上班 返学 上学 俾人 被人 畀人 被人
    """
)
# what stands at a place -> how it is read there; of two that fit the first one
_PLACES: Final = (
    (f"唔该(?=[啦喇]|你?{_STOP}*$)", "谢谢"),
    ("唔该", "麻烦"),
    ("唔好(?=[买再寄走讲话用拖呃同俾畀发送换退信理玩搞等揾去当叫帮])", "不要"),
    ("(?<=[用退换着穿开寄按揿付入])唔得", "不了"),
    ("唔得", "不行"),
    ("[而依]家(?![里人长庭属具居])", "现在"),
    ("唔落", "不下"),
    ("未(?=[到收退寄发覆返见])", "没"),
    ("(?<!月.)(?<!月..)(?<=[0-9一两三四五六七八九十几])日(?![期元])", "天"),
    ("有得(?=[退换改补赔睇拣返买修截减])", "可以"),
    (f"(?:{_START}|(?<=都))得(?=[啦喇㗎嘅]|{_STOP}|$)", "行"),
    (f"{_START}得(?={_NUMBER}[件条个只双])", "才"),
    ("系咁(?=[甩掉叫打讲起褪流问])", "一直"),
    (f"(?<!{_STOP})(?<![又都系])咁{_END}", "样"),
    ("(?<=[换要买])[返番](?=[件条个双只张对])", "一"),
    ("食(?![品物堂材谱用指言])", "吃"),
    ("咁(?=[麻贵慢差薄厚细大少重长短丑硬快难臭])", "太"),
    (f"{_START}咁", "那"),
    ("咁", "这"),
    (f"(?<=[快大细长短多早慢厚薄])啲|啲{_END}", "点"),
    ("(?<=[我你佢哋家])啲", "的"),
    (f"{_START}啲", "这"),
    ("呢(?=[件个条间款度张单对双套只批次种排啲])", "这"),
    ("(?<![那这旁左右里外两一周身])边(?=[个度间件条款只位张日双对套])", "哪"),
    (f"(?<!{_NUMBER})(?<![半有早快差多好大小慢少])点(?=[退换搞整处寄拣填用洗着拍付俾畀计会可讲])", "咋"),
    (f"(?<![做有])咩{_END}", "吗"),
    ("咩", "啥"),
    ("啱(?=[到收买先寄落开拆洗])", "刚"),
    ("啱(?=[身码穿着])", "合"),
    ("啱", "对"),
    ("仲(?![裁介夏秋冬])", "还"),
    ("(?<![联关体干派母维])系(?![列统带绳扣鞋着紧上住])", "是"),
    ("(?<![穿跟睡随沿朝向等看写标拿带挂放开])着(?![急火凉陆色重想])", "穿"),
    (
        "(?<![电通说讲句笑闲实情真假好官套反脏粗废回对问发的])话(?=[我你他佢会系唔冇要已出今听三两等俾畀派送无可过有没是不])",
        "说",
    ),
    ("返(?![现利修厂航程单校佣还回])|(?<=[退寄还换给俾畀收拿攞要买补])番", "回"),
    ("(?<![日暴晾防阴要太])[晒嗮](?![干太图衣过单一])", "了"),
    ("(?<=[等处办用查派送做寄睇搞])紧(?![急身张])", "着"),
    ("(?<=[写等标贴印跟])住", "着"),
    ("成(?=[个件条盆箱阵班张份])", "整"),
    ("细(?=[过啲个])|(?<=[偏咁])细", "小"),
    ("(?<![划勒折印刮污抓压])痕(?!迹)", "痒"),
    ("(?<![反重颠])覆(?!盖)", "回"),
    ("识(?=[做唔用整搞])", "会"),
    ("拣(?![货选])", "选"),
    ("惊(?![喜讶吓人动])", "怕"),
    ("倾(?![斜向销家听诉])", "谈"),
    ("郁(?![闷金香])", "动"),
    ("跌(?=[咗出])", "掉"),
    ("咪(?=[买再讲信走玩])", "别"),
    ("抵(?![达扣用消触])", "值"),
    (f"(?<={_NUMBER})蚊(?![帐子香虫])", "块"),
    ("(?<![电摄投合留])影(?=[下低个清埋幅近])", "拍"),
    ("出面(?=[平卖买都有先好])", "外面"),
)
_CHARACTERS: Final = _pairs(
    """
    唔 不 嘅 的 咗 了 哋 们 啲 些 喺 在 冇 没 嚟 来 睇 看 佢 他 𠮶 那 嘢 货 攞 拿 揾 找 俾 给 畀 给 噉 那 瞓 睡 嬲 气 乜 啥
    㖞 哦 㗎 呀 啩 吧 噃 哦 喇 了 揿 按 嗌 叫 嘈 吵 呃 骗 甩 掉 窿 洞 拮 扎 焗 闷 褛 衣 阔 宽
    """
)
_CANTONESE_MARKS: Final = (
    r"[嘅咗哋啲喺冇嚟睇佢乜𠮶嘢攞揾俾畀啱噉咁瞓嬲㖞㗎啩噃㖊]|唔(?=[\u4e00-\u9fff])|喇(?![叭嘛])"
    r"|(?<!打)听日(?![期子本])|听晚(?!上)|听朝(?!鲜)|[寻琴][日晚]|[而依]家(?![里人长庭属具居])|(?<![0-9一二三四五六七八九十几有早差])点解(?![释决除锁开说析答散码读封冻])|(?<![0-9一二三四五六七八九十几有早晚差个这那快慢多半整准])点算|几耐(?![磨穿用洗])|(?<![那这旁左右里外两一周身])边[个度](?![角子])|系咪|屋企|搞掂|钟意|多谢晒|麻烦晒|冷衫|细路|等阵(?!子)|(?<![电摄投合留背])影[张个幅]"
    rf"|仲(?=[未有系要差可会话想])|{_START}呢[件个条间款张单对双套只]|{_START}点(?:搞|样(?![子品本式]))|{_NUMBER}蚊(?![帐子香虫])|甩[色线毛]"
)
CANTONESE: Final = re.compile(_CANTONESE_MARKS)
"""What shows that a text in the spelling of `app.nlu.text` is Cantonese."""
_THEN: Final = re.compile(
    f"({_START}(?:那|就|不如|还是)[^,.，。!?！？]{{0,9}}[^了好完到,.，。!?！？])啦{_END}"
)
"""咁換啦 is 那换吧, where 好啦 stays."""

# ---- of the others only what reads one way wherever it stands
_ELSEWHERE: Final = _pairs(
    """
    啥子 什么 咋个 怎么 啷个 怎么 咋子 干啥 巴适 满意 屋头 家里 娃儿 孩子
    侬 你 覅 别 搿 这 错脱 错掉 屋里厢 家里面 推扳 太差
    俺们 我们 俺 我 恁们 你们 恁家 你家 弄啥嘞 干啥呢 弄啥咧 干啥呢 弄啥 干啥 得劲 舒服
    嘎哈 干啥 埋汰 肮脏 磕碜 难看 瞅 看 搁家 在家 晌午 中午 秃噜 脱落
    """
)
_ELSEWHERE_PLACES: Final = (
    ("莫得(?!罪)", "没有"),
    ("阿拉(?![伯丁斯善])", "我们"),
    ("伊拉(?!克)", "他们"),
    ("(?<![请切])勿要(?!求)", "不要"),
    (f"{_START}格(?=[件条个只双])", "这"),
    (f"{_START}[格个]么", "那么"),
    ("退脱(?![线胶毛色皮])", "退掉"),
    ("少脱(?=[一两了呀])", "少了"),
    ("恁(?=[贵大小慢薄厚长短多差快难硬])", "这"),
    ("恁", "你"),
    ("中不中(?!意)", "行不行"),
    (f"(?<![看相猜打选抽押])不中{_END}", "不行"),
    (f"(?<![步砍讨征])伐{_END}", "吗"),
    ("咋整(?![的成坏得])", "咋办"),
)


def _either(words: Mapping[str, str], places: tuple[tuple[str, str], ...]) -> str:
    """The longest word, else the first place that fits, as its group, else a character read so anywhere."""
    long = sorted((word for word in words if len(word) > 1), key=len, reverse=True)
    first, one = (
        "".join(sorted({word[0] for word in long})),
        "".join(word for word in words if len(word) == 1),
    )
    there = "".join(f"|({where})" for where, _ in places)
    return f"(?:(?=[{first}])(?:{'|'.join(long)})){there}|[{one}]"


_IN_CANTONESE: Final = re.compile(_either(_WORDS | _CHARACTERS, _PLACES))
_IN_OTHERS: Final = re.compile(_either(_ELSEWHERE, _ELSEWHERE_PLACES))
MARKS: Final = (
    re.compile(
        "[嘅咗哋啲喺冇嚟睇佢乜𠮶嘢攞揾俾畀啱噉咁瞓嬲㖞㗎啩噃㖊唔喇听寻琴而依解耐边咪企掂钟晒冷细阵影仲蚊甩"
        "侬俺恁伐勿阿伊覅搿莫啷巴娃厢扳劲嘎汰碜瞅搁晌秃格屋脱]"
    ),
    re.compile(
        "点算|点搞|点样|呢件|呢个|呢条|呢间|呢款|呢张|呢单|呢对|呢双|呢套|呢只|啥子|咋个|咋子|咋整|弄啥|不中|个么"
    ),
)
"""One of these stands in every normalised text that is read otherwise, and in one of fourteen others."""


def may_be_dialect(text: str) -> bool:
    """Whether some of a normalised text may be read otherwise; a quick look before the whole tables are looked at."""
    return MARKS[0].search(text) is not None or MARKS[1].search(text) is not None


def mandarin(text: str) -> str:
    """Normalised text with what is dialect in it read as Mandarin; of the same length, and the same where nothing is."""
    if CANTONESE.search(text) is not None:
        text = _THEN.sub(r"\1吧", _IN_CANTONESE.sub(_cantonese, text))
    return _IN_OTHERS.sub(_other, text)


def _cantonese(found: re.Match[str]) -> str:
    if found.lastindex is not None:
        return _PLACES[found.lastindex - 1][1]
    return _WORDS.get(found[0]) or _CHARACTERS[found[0]]


def _other(found: re.Match[str]) -> str:
    return _ELSEWHERE[found[0]] if found.lastindex is None else _ELSEWHERE_PLACES[found.lastindex - 1][1]
