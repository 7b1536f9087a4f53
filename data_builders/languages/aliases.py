"""The one alias table: other spellings of a language or a script, and the spelling used here.

Sources: ISO 639-1 and ISO 639-2/B (two-letter and bibliographic codes), ISO 639-3 (members of a
macro-language that Glot500 and the paper fold into it: `pes` into `fas`, `cmn` into `zho`).
"""

from __future__ import annotations

__all__ = ["DEFAULT_SCRIPTS", "LANGUAGE_ALIASES", "ROMANISER_LANGUAGES", "SCRIPT_ALIASES"]

_TWO_LETTER = (
    "aa aar ab abk ae ave af afr ak aka am amh an arg ar ara as asm av ava ay aym az aze ba bak "
    "be bel bg bul bi bis bm bam bn ben bo bod br bre bs bos ca cat ce che ch cha co cos cr cre "
    "cs ces cu chu cv chv cy cym da dan de deu dv div dz dzo ee ewe el ell en eng eo epo es spa "
    "et est eu eus fa fas ff ful fi fin fj fij fo fao fr fra fy fry ga gle gd gla gl glg gn grn "
    "gu guj gv glv ha hau he heb hi hin ho hmo hr hrv ht hat hu hun hy hye hz her ia ina id ind "
    "ie ile ig ibo ii iii ik ipk io ido is isl it ita iu iku iw heb ja jpn jv jav ka kat kg kon "
    "ki kik kj kua kk kaz kl kal km khm kn kan ko kor kr kau ks kas ku kur kv kom kw cor ky kir "
    "la lat lb ltz lg lug li lim ln lin lo lao lt lit lu lub lv lav mg mlg mh mah mi mri mk mkd "
    "ml mal mn mon mr mar ms msa mt mlt my mya na nau nb nob nd nde ne nep ng ndo nl nld nn nno "
    "no nor nr nbl nv nav ny nya oc oci oj oji om orm or ori os oss pa pan pi pli pl pol ps pus "
    "pt por qu que rm roh rn run ro ron ru rus rw kin sa san sc srd sd snd se sme sg sag si sin "
    "sk slk sl slv sm smo sn sna so som sq sqi sr srp ss ssw st sot su sun sv swe sw swa ta tam "
    "te tel tg tgk th tha ti tir tk tuk tl tgl tn tsn to ton tr tur ts tso tt tat tw twi ty tah "
    "ug uig uk ukr ur urd uz uzb ve ven vi vie vo vol wa wln wo wol xh xho yi yid yo yor za zha "
    "zh zho zu zul"
).split()

_BIBLIOGRAPHIC = (
    "alb sqi arm hye baq eus bur mya chi zho cze ces dut nld fre fra geo kat ger deu gre ell "
    "ice isl mac mkd mao mri may msa per fas rum ron slo slk tib bod wel cym"
).split()

LANGUAGE_ALIASES: dict[str, str] = {
    **dict(zip(_TWO_LETTER[::2], _TWO_LETTER[1::2], strict=True)),
    **dict(zip(_BIBLIOGRAPHIC[::2], _BIBLIOGRAPHIC[1::2], strict=True)),
    "pes": "fas",
    "cmn": "zho",
}
"""Other code -> the ISO 639-3 code used here."""

SCRIPT_ALIASES: dict[str, str] = {"Hans": "Hani", "Hant": "Hani", "Kore": "Hang"}
"""Other script -> the ISO 15924 script used here (as Glot500 writes them)."""

DEFAULT_SCRIPTS: dict[str, str] = {
    **dict.fromkeys(("ara", "arb", "ary", "arz", "fas"), "Arab"),
    **dict.fromkeys(("zho", "lzh", "yue", "wuu"), "Hani"),
    **dict.fromkeys(("tur", "mlt", "lhu", "eng"), "Latn"),
    "amh": "Ethi",
    "ell": "Grek",
    "heb": "Hebr",
    "kor": "Hang",
    "lao": "Laoo",
    "mya": "Mymr",
    "bod": "Tibt",
    "tha": "Thai",
}
"""Script of a language that is written without one (`amh`)."""

ROMANISER_LANGUAGES: dict[str, str] = {"arb": "ara", "ary": "ara", "arz": "ara"}
"""What uroman is handed instead, where its rules know only the macro-language."""
