"""What details look like that may lead to somebody, in English and in French: accounts, numbers and dates of birth.

`whereabouts` has the others. The shapes know the words beside them, but no list of people or of places. Every
repetition has a bound, so that a long text can't take long. After a change see the score: docs/testing.md says how.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple


class Detail(StrEnum):
    """What may lead to somebody, in the order in which staff read of it."""

    EMAIL = "email"
    PHONE = "phone"
    ACCOUNT = "account"
    ADDRESS = "address"
    POSTAL = "postal code"
    PLATE = "plate"
    FILE = "file number"
    ID = "id number"
    BIRTH = "birth"
    AGE = "age"
    NAME = "name"


class Shape(NamedTuple):
    """One shape of a detail. What is shown is the group `what`, or else all of it.

    `needs` are words of which the text, in small letters, has one: others aren't looked at. `after` is what must stand
    right before it, in small letters, and `without` what it may not hold. One `in_a_line` ends with its line. A text
    with fewer than `digits` isn't looked at either.
    """

    detail: Detail
    pattern: re.Pattern[str]
    needs: tuple[str, ...]
    after: re.Pattern[str] | None
    without: re.Pattern[str] | None
    in_a_line: bool
    digits: int


def shape(
    detail: Detail,
    pattern: str,
    *,
    needs: str = "",
    after: str = "",
    without: str = "",
    in_a_line: bool = False,
    digits: int = 0,
) -> Shape:
    return Shape(
        detail,
        re.compile(pattern),
        tuple(needs.split("|")) if needs else (),
        re.compile(rf"(?:^|\W)(?:{after})\Z") if after else None,
        re.compile(rf"(?<!\w)(?:{without})(?!\w)") if without else None,
        in_a_line,
        digits,
    )


# A year is no number of a court, and none of a plate: “the 2013 Supreme Court”, “ON 2020”.
YEAR = r"(?:19|20)\d\d"
# A letter that isn't a small one: many alphabets have no capitals.
UP = r"[^\W\d_a-zß-öø-ÿ]"
# A word with a capital, but no acronym.
CAP = rf"(?:Ste?\.? )?{UP}[^\W\dA-Z_][\w'-]{{0,25}}"
MONTH = (
    r"(?:jan(?:uary|vier)?|feb(?:ruary)?|f[ée]v(?:rier)?|mar(?:ch|s)?|apr(?:il)?|avr(?:il)?|may|mai|june?|juin|july?|"
    r"juil(?:let)?|aug(?:ust)?|ao[ûu]t|sept?(?:ember|embre)?|oct(?:ober|obre)?|nov(?:ember|embre)?|dec(?:ember)?|"
    r"d[ée]c(?:embre)?)\b\.?"
)
DAY = r"\d{1,2}(?:er|st|nd|rd|th)?"
DATE = (
    rf"(?i:{DAY}(?: of)? {MONTH}(?:,? \d{{4}})?|{MONTH} {DAY}(?:,? \d{{4}})?|\d{{4}}[-/.]\d\d?[-/.]\d\d?|"
    r"\d\d?[-/.]\d\d?[-/.](?:\d{4}|\d\d))(?!\d)"
)
# E-mail: jo@example.org, jo [at] example.org, jo at example dot org

USER, LABEL, TLD = r"(?<![\w.+-])[\w.+-]{1,64}", r"[\w-]{1,63}", r"[^\W\d_]{2,24}"
PROVIDERS = "gmail|hotmail|outlook|yahoo|icloud|proton|protonmail|live|aol|gmx"
EMAILS = (
    shape(
        Detail.EMAIL, rf"{USER} ?@ ?{LABEL}(?:(?:\.| dot | point ){LABEL}){{0,5}}(?:\.| dot | point ){TLD}", needs="@"
    ),
    shape(
        Detail.EMAIL,
        rf"(?i){USER} ?[\[({{<] ?(?:at|@|arobase|chez|à) ?[\])}}>] ?{LABEL}"
        rf"(?:(?:\.| ?[\[({{<] ?(?:dot|point|\.) ?[\])}}>] ?| (?:dot|point) ){LABEL}){{0,5}}",
        needs="at)|at]|at}|at>|at )|at ]|(@|[@|{@|@ ]|arobase|chez|à)|à]",
    ),
    shape(Detail.EMAIL, rf"(?i){USER} ?[(\[]a[)\]] ?(?:{LABEL}\.){{1,4}}{TLD}", needs="(a)|[a]"),
    shape(
        Detail.EMAIL,
        rf"(?i){USER}[ _-]at[ _-](?!(?:the|this|that|each|every|one|an?)\b){LABEL}(?:[ _-]dot[ _-]{TLD}){{1,5}}",
        needs=" dot |_dot_|-dot-",
    ),
    shape(
        Detail.EMAIL,
        rf"(?i){USER} (?:chez|à) (?!ce |un ){LABEL} point (?:com|org|net|info|ca|qc|fr)(?!\w)",
        needs=" point ",
    ),
    shape(
        Detail.EMAIL,
        rf"(?i){USER} at (?:{LABEL}\.){{1,4}}{TLD}",
        after="(?:e-?mail|courriel|write to|contact|reach|ask)(?: is| her| him| them)?:? ",
        needs="mail|courriel|write to|contact |reach |ask ",
        without="(?i:us|me|it|them|online|page|site|website)",
    ),
    shape(Detail.EMAIL, rf"(?i){USER} arobase {LABEL}(?:(?: (?:dot|point) |\.){TLD}){{1,5}}", needs="arobase"),
    shape(
        Detail.EMAIL,
        rf"(?i){USER} (?:at|chez|à) (?:{PROVIDERS})(?:\.| (?:dot|point) ){TLD}",
        needs="gmail|hotmail|outlook|yahoo|icloud|proton|live.|live dot|live point|aol.|aol dot|gmx",
    ),
)

# Accounts: @riverjo, u/riverjo, instagram.com/riverjo, “on Instagram as riverjo”

NETWORKS = (
    "instagram|insta|ig|facebook|fb|twitter|tiktok|snapchat|telegram|onlyfans|fansly|reddit|discord|threads|bluesky|"
    "mastodon|linkedin|youtube|twitch|whatsapp|wechat|grindr|tinder"
)
HOSTS = (
    r"facebook\.com|fb\.com|fb\.me|m\.me|instagram\.com|instagr\.am|twitter\.com|x\.com|tiktok\.com|onlyfans\.com|"
    r"fansly\.com|snapchat\.com|t\.me|threads\.(?:net|com)|bsky\.app|linktr\.ee|patreon\.com|tumblr\.com|"
    r"pinterest\.\w{2,3}|wa\.me|paypal\.me|venmo\.com|cash\.app|twitch\.tv|vk\.com|tryst\.link|gofundme\.com/f|"
    r"reddit\.com/(?:u|user)|youtube\.com/(?:user|channel|c)|youtube\.com(?=/@)|medium\.com(?=/@)|"
    r"linkedin\.com/(?:in|pub)|leolist\.cc|fetlife\.com/users"
)
# Pages of a network that are nobody's.
NOBODYS = (
    "events?|groups?|watch|sharer|share|hashtag|search|explore|help|policy|policies|legal|about|intent|home|privacy|"
    "login|business"
)
ACCOUNT_WORD = "account|handle|user ?name|user|name|profile|compte|profil|pseudo|identifiant"
NO_HANDLE = (
    "well|parts?|an?|the|most|many|one|our|ours|we|they|it|of|soon|usual|this|that|if|though|such|is|are|was|has|in|"
    "to|its|you|your|her|his|their|some|both|all|yet|always|needed|planned|often|much|de|la|les?|une?|nos|notre|nous|"
    "public|private|open|closed|free"
)
NETWORK_NEEDS = "|".join(
    [
        *(one for one in NETWORKS.split("|") if len(one) > 2),
        *("ig:", "ig as", "on ig", "fb:", "fb as", "on fb", "ig :", "fb :", "ig is", "ig est"),
    ]
)
HANDLE = rf"(?!(?:{NO_HANDLE})\b)@?[a-z_][\w.-]{{1,29}}(?<![.-])"
ACCOUNTS = (
    shape(Detail.ACCOUNT, r"(?<![\w@/.])@[A-Za-z_][\w.]{1,29}(?<!\.)(?:@[\w.-]{3,60}(?<!\.))?", needs="@"),
    shape(Detail.ACCOUNT, r"(?<![\w/.])/?u/[\w-]{3,20}", needs="u/"),
    shape(Detail.ACCOUNT, r"(?<![\w.])[\w.]{2,32}#\d{4}(?!\w)", needs="#"),
    shape(
        Detail.ACCOUNT,
        rf"(?i)(?<![\w-])(?:{HOSTS})/(?!(?:{NOBODYS})(?![\w.-]))[\w@$%+][\w@.$%/?=&+-]{{1,200}}(?<![.?])",
        needs=".com/|.me/|.am/|.net/|.app/|.ee/|.tv/|.link/|.cc/|pinterest.",
    ),
    shape(
        Detail.ACCOUNT,
        rf"(?i)(?<!\w)(?:(?:{ACCOUNT_WORD}) (?:{NETWORKS})(?: (?:is|est)| ?:)|"
        rf"(?:{NETWORKS}) (?:{ACCOUNT_WORD})(?: is| ?:)?|(?:her|his|their|my|son|mon|leur) (?:{NETWORKS}) (?:is|est)|"
        rf"(?:{NETWORKS}) ?:) ?\"?(?P<what>{HANDLE})"
        r"(?=[\s\"]*(?:[.,;!?)]|$|(?:and|et|or|ou|on)\b))",
        needs=NETWORK_NEEDS,
    ),
    # Words of every day, too: an account only with a digit, a dot or a low line.
    shape(
        Detail.ACCOUNT,
        rf"(?i)(?<!\w)(?:snap|signal)(?: (?:is|est))? ?:? ?(?P<what>(?=[a-z]{{2,20}}[\d._]\w){HANDLE})"
        r"(?=[\s\"]*(?:[.,;!?)]|$))",
        needs="snap|signal",
    ),
    shape(
        Detail.ACCOUNT,
        rf"(?i)(?<!\w)(?:on|sur) (?:{NETWORKS}),? (?:as|under|sous|(?:s?he|they|who|elle|il|iel) (?:goes|go|passe) by)"
        rf"(?: (?:the |her |his |their )?(?:name|handle)(?: of)?| le (?:nom|pseudo)(?: de| d')?)? ?\"?"
        rf"(?P<what>{HANDLE})",
        needs=NETWORK_NEEDS,
    ),
    shape(
        Detail.ACCOUNT,
        rf"(?i)(?<![\w.])(?P<what>(?=[\d_]{{0,5}}[a-z])(?=[a-z.]{{0,30}}[\d_])[\w.]{{4,30}}) (?:on|sur) "
        rf"(?:{NETWORKS})(?!\w)",
        needs=NETWORK_NEEDS,
    ),
    shape(
        Detail.ACCOUNT,
        rf"(?i)(?<!\w)(?:as|goes by|sous le nom(?: de)?) (?P<what>{HANDLE}) (?:on|sur) (?:{NETWORKS})(?!\w)",
        needs=NETWORK_NEEDS,
    ),
)

# Numbers that an authority gives: of a person, or of a file

COUNT = r"(?:no\.?|n°|n[ºo]\.?|num(?:ber|éro)?\.?|id|#)"
LINK = r"(?:\s?(?:is|was|are|est|était|:|=)(?: l[ea])?)?"
IDS = (
    shape(
        Detail.ID,
        r"(?<![\w-])(?:[A-Z]{1,4}[ -]?)?\d(?:[ -]?\d){5,14}(?!\w)",
        after=r"(?:sin|nas|ssn|phn|uci|social (?:insurance|security)|assurance[- ]sociale|"
        r"ohip|health[- ](?:card|number|care|insurance)|care ?card|medical card|assurance[- ]maladie|carte soleil|"
        r"driv(?:er|ing)(?:'?s)? ?licen[cs]e|(?:her|his|their|my) licen[cs]e|"
        r"permis de conduire|(?:status|band|treaty) (?:card|number)|"
        r"bank account|account number|compte bancaire|numéro de compte|certificat de statut|passport|passeport|"
        rf"(?:client|patient)(?:'s)? {COUNT})\b[^\d\n.;!?]{{0,25}}(?:no\. ?)?",
        digits=6,
    ),
    shape(Detail.ID, r"(?<![\w-])[A-Z]{4} ?\d{4} ?\d{4}(?![\w-])", digits=6),
    shape(Detail.ID, r"(?<![\w-])(?<!\d )\d{4}[ -]\d{3}[ -]\d{3}(?:[ -][A-Z]{2})?(?![\w-])(?! \d)", digits=6),
)
# At least five digits, and no period or date: 19-123456, VA20-51123, 47-190322-011.
FILE_NUMBER = (
    rf"(?<![\w-])(?!{YEAR}-(?:{YEAR}|\d\d)(?![\d-]))(?!{YEAR}-\d\d-\d\d(?!\d))(?=(?:[A-Z-]*\d){{5}})"
    r"(?:[A-Z]{1,4}-?)?\d[\d-]{2,18}\d(?!\w)"
)
FILE_WORD = (
    r"(?:files?|case|incident|occurrence|event|docket|complaint|police report|dossiers?|plainte|événement|"
    r"rapport de police)(?: (?:report|file|of the \w{2,20}|du \w{2,20}|de police|de la \w{2,20}))?"
)
FILES = (
    shape(Detail.FILE, FILE_NUMBER, after=rf"{FILE_WORD}\s?{COUNT}{LINK}\s?#?", digits=3),
    shape(Detail.FILE, rf"(?=[A-Z\d]{{1,8}}-){FILE_NUMBER}", after=rf"{FILE_WORD}{LINK}\s?#?", digits=3),
    shape(
        Detail.FILE,
        rf"(?<!\w)(?:[A-Z]{{2,6}}|[A-Z][a-z]{{1,4}}PD)[ -]?(?:: ?)?#?"
        rf"(?!{YEAR}-{YEAR}(?!\d))(?:{YEAR}|\d\d)-\d{{4,7}}(?![\w-])",
        needs="-",
        digits=3,
    ),
    shape(Detail.FILE, rf"(?<![\w-])(?:{YEAR}|\d\d)-\d{{5,7}}(?![\w-])", needs="-", digits=3),
    # 18-190412-007, OPP SP21034567
    shape(Detail.FILE, r"(?<![\w-])\d\d-\d{6}-\d{3}(?![\w-])", needs="-", digits=11),
    shape(Detail.FILE, r"(?<![\w-])[A-Z]{2,5} #?[A-Z]{2}\d{8}(?![\w-])", digits=8),
    shape(
        Detail.FILE,
        rf"(?i)(?<!\w)(?:badge|matricule|regimental)(?: {COUNT})?{LINK}\s?#?\d{{3,6}}(?!\w)",
        needs="badge|matricule|regimental",
        digits=3,
    ),
    shape(
        Detail.FILE,
        rf"(?<!\w)(?:Constable|Const\.?|Cst\.?|Officer|PC|Agente?) #?(?!{YEAR}(?!\d))\d{{3,6}}(?!\w)",
        digits=3,
    ),
)

BIRTHS = (
    shape(Detail.BIRTH, rf"(?i)(?<!\w)turned \d\d on {DATE}", needs="turned ", digits=1),
    shape(
        Detail.BIRTH,
        r"(?i)(?<!\w)(?:born|d\.?o\.?b\.?|date of birth|birth ?date|birthday|née?s?|né\(e\)|né·e|date de naissance|"
        rf"anniversaire|ddn)(?!\w)[^\w\n]{{0,4}}(?:(?:is|on|the|was|le|est)[ :]{{1,2}}){{0,3}}{DATE}",
        needs="born|birth|dob|d.o.b|née|né |nés|né(|né·|naissance|anniversaire|ddn",
        digits=1,
    ),
    shape(
        Detail.BIRTH,
        rf"(?i)(?<!\w)(?:s?he|elle|ils?|iel) (?:was |is |est )?(?:born|née?|né·e) (?:in|en) (?:{MONTH} )?{YEAR}(?!\d)",
        needs="born|née|né |né·",
        digits=1,
    ),
)

# Plates

PLATES = (
    shape(
        Detail.PLATE,
        rf"(?i:(?<!\w)(?:plates?|plaques?(?: d'immatriculation)?|immatricul\w{{1,6}})(?: {COUNT})?)[^\w\n]{{0,3}}"
        r"(?:(?:is|reads|was|were|est|la|le)[ :]{1,2}){0,2}"
        r"(?P<what>(?=[A-Z -]{0,8}\d)(?=[\d -]{0,8}[A-Z])[A-Z\d]{1,4}[ -]?[A-Z\d]{2,4}(?:[ -]?[A-Z\d]{1,3})?|\d{5,7})"
        r"(?!\w)",
        needs="plate|plaque|immatricul",
        digits=2,
    ),
    # Shapes that little else has: AB1 23C, ABC-123, 123-ABC.
    shape(
        Detail.PLATE, r"(?<![\w-])(?:[A-Z]{3}-\d{3}|\d{3}-[A-Z]{3}|(?i:[A-Z]{2}\d[ -]?\d{2}[A-Z]))(?![\w-])", digits=2
    ),
    # ABC 123, AB 1234 where a sentence or a part of it ends: neither “500 CAD” nor “GBV 101”.
    shape(
        Detail.PLATE,
        rf"(?<![\w$-])(?<!\d )(?:[A-Z]{{3}} ?\d{{3}}|\d{{3}} ?[A-Z]{{3}}|[A-Z]{{2}}[ -](?!{YEAR})\d{{4}})"
        r"(?=\s?(?:[.,;!?)]|$))(?![.,]\d)",
        without=r"CAD|USD|EUR|GBP|[A-Z]+ ?(?:101|102|201|211|311|811|911|988)|\d+ ?(?:NGO|MLA|RCMP|CEO)s?",
        digits=2,
    ),
)
# Shapes that much else has: plates only in a text that names a vehicle.
PERHAPS_PLATE = shape(
    Detail.PLATE,
    rf"(?<![\w$-])(?:[A-Z]{{3}} ?\d{{3}}|\d{{3}} ?[A-Z]{{3}}|[A-Z]{{2}}[ -](?!{YEAR})\d{{4}}|"
    rf"(?!{YEAR})\d{{4}}[ -][A-Z]{{2}}|[A-Z]{{4}} ?\d{{3}}|[A-Z]\d{{2}} ?[A-Z]{{3}}|"
    rf"[A-Z]{{3}} ?(?!{YEAR})\d{{4}})(?![\w-])(?! ?\d)",
    digits=2,
)
VEHICLE = re.compile(
    r"\b(?:plates?|licen[cs]e|cars?|vans?|trucks?|suvs?|sedans?|vehicles?|minivans?|pick-?ups?|drivers?|drove|drives?|"
    r"driving|parked|taxis?|honda|toyota|ford|chevy|chevrolet|dodge|nissan|mazda|hyundai|kia|jeep|gmc|subaru|bmw|mercedes|"
    r"audi|volkswagen|civic|corolla|motorcycles?|plaques?|immatricul\w*|autos?|voitures?|camions?|camionnettes?|"
    r"fourgonnettes?|fourgons?|véhicules?|conduct(?:eur|rice)|stationn\w+|motos?)\b"
)
