"""What each detail looks like that may lead to somebody, in English and in French: a table, read by `details`.

It knows shapes and the words beside them, no list of people or of places. Every repetition has a bound, so that a long
text can't take long. After a change see the score: docs/testing.md says how.
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
    right before it, in small letters, and `without` what it may not hold. One `in_a_line` ends with its line.
    """

    detail: Detail
    pattern: re.Pattern[str]
    needs: tuple[str, ...]
    after: re.Pattern[str] | None
    without: re.Pattern[str] | None
    in_a_line: bool


def _shape(
    detail: Detail, pattern: str, *, needs: str = "", after: str = "", without: str = "", in_a_line: bool = False
) -> Shape:
    return Shape(
        detail,
        re.compile(pattern),
        tuple(needs.split("|")) if needs else (),
        re.compile(rf"(?:^|\W)(?:{after})\Z") if after else None,
        re.compile(rf"(?<!\w)(?:{without})(?!\w)") if without else None,
        in_a_line,
    )


# A year is no number of a court, and none of a plate: “the 2013 Supreme Court”, “ON 2020”.
YEAR = r"(?:19|20)\d\d"
# A letter that isn't a small one: many alphabets have no capitals.
UP = r"[^\W\d_a-zß-öø-ÿ]"
# A word with a capital, but no acronym.
CAP = rf"(?:Ste?\.? )?{UP}[^\W\dA-Z_][\w'-]{{0,25}}"
# What follows an address that ends: “At 455 Nelson with”, but not “at 455 Nelson nurses”.
END = (
    r"(?=[^\S\n]*(?:[.,;:!?)\n]|$|(?:and|with|in|near|where|every|until|for|on|by|to|since|after|before|et|avec|dans|près|où|"
    r"pour|depuis|après|avant)\b))"
)
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
# In small letters, one person each: of several, an age or a name says less.
PEOPLE = (
    "woman|man|girl|boy|person|mother|father|mom|dad|parent|teen|teenager|worker|student|client|member|resident|"
    "survivor|victim|sister|brother|daughter|son|friend|peer|patient|participant|lady|elder|nurse|migrant|refugee|"
    "escort|driver|newcomer|immigrant|femme|homme|fille|garçon|mère|père|personne|jeune|travailleuse|travailleur|"
    "étudiante?|cliente?|participante?|patiente?|résidente?|survivante?|aînée?|dame|amie?|sœur|frère|victime|"
    "migrante?|réfugiée?|conductrice|conducteur"
)

# E-mail: jo@example.org, jo [at] example.org, jo at example dot org

USER, LABEL, TLD = r"(?<![\w.+-])[\w.+-]{1,64}", r"[\w-]{1,63}", r"[^\W\d_]{2,24}"
PROVIDERS = "gmail|hotmail|outlook|yahoo|icloud|proton|protonmail|live|aol|gmx"
EMAILS = (
    _shape(Detail.EMAIL, rf"{USER} ?@ ?(?:{LABEL}\.){{1,5}}{TLD}", needs="@"),
    _shape(
        Detail.EMAIL,
        rf"(?i){USER} ?[\[({{<] ?(?:at|@|arobase|chez|à) ?[\])}}>] ?{LABEL}"
        rf"(?:(?:\.| ?[\[({{<] ?(?:dot|point|\.) ?[\])}}>] ?| (?:dot|point) ){LABEL}){{0,5}}",
        needs="at)|at]|at}|at>|at )|at ]|(@|[@|{@|@ ]|arobase|chez|à)|à]",
    ),
    _shape(
        Detail.EMAIL,
        rf"(?i){USER}[ _-]at[ _-](?!(?:the|this|that|each|every|one|an?)\b){LABEL}(?:[ _-]dot[ _-]{TLD}){{1,5}}",
        needs=" dot |_dot_|-dot-",
    ),
    _shape(Detail.EMAIL, rf"(?i){USER} arobase {LABEL}(?:(?: (?:dot|point) |\.){TLD}){{1,5}}", needs="arobase"),
    _shape(
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
    r"linkedin\.com/(?:in|pub)"
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
        *("ig:", "ig as", "on ig", "fb:", "fb as", "on fb", "ig :", "fb :"),
    ]
)
HANDLE = rf"(?!(?:{NO_HANDLE})\b)@?[a-z_][\w.-]{{1,29}}(?<![.-])"
ACCOUNTS = (
    _shape(Detail.ACCOUNT, r"(?<![\w@/.])@[A-Za-z_][\w.]{1,29}(?<!\.)(?:@[\w.-]{3,60}(?<!\.))?", needs="@"),
    _shape(Detail.ACCOUNT, r"(?<![\w/.])/?u/[\w-]{3,20}", needs="u/"),
    _shape(Detail.ACCOUNT, r"(?<![\w.])[\w.]{2,32}#\d{4}(?!\w)", needs="#"),
    _shape(
        Detail.ACCOUNT,
        rf"(?i)(?<![\w-])(?:{HOSTS})/(?!(?:{NOBODYS})(?![\w.-]))[\w@$%+][\w@.$%/?=&+-]{{1,200}}(?<![.?])",
        needs=".com/|.me/|.am/|.net/|.app/|.ee/|.tv/|.link/|pinterest.",
    ),
    _shape(
        Detail.ACCOUNT,
        rf"(?i)(?<!\w)(?:(?:{ACCOUNT_WORD}) (?:{NETWORKS})(?: (?:is|est)| ?:)|"
        rf"(?:{NETWORKS}) (?:{ACCOUNT_WORD})(?: is| ?:)?|(?:{NETWORKS}) ?:) ?\"?(?P<what>{HANDLE})"
        r"(?=[\s\"]*(?:[.,;!?)]|$|(?:and|et|or|ou|on)\b))",
        needs=NETWORK_NEEDS,
    ),
    _shape(
        Detail.ACCOUNT,
        rf"(?i)(?<!\w)(?:on|sur) (?:{NETWORKS}),? (?:as|under|sous|(?:s?he|they|who|elle|il|iel) (?:goes|go|passe) by)"
        rf"(?: (?:the |her |his |their )?(?:name|handle)(?: of)?| le (?:nom|pseudo)(?: de| d')?)? ?\"?"
        rf"(?P<what>{HANDLE})",
        needs=NETWORK_NEEDS,
    ),
    _shape(
        Detail.ACCOUNT,
        rf"(?i)(?<!\w)(?:as|goes by|sous le nom(?: de)?) (?P<what>{HANDLE}) (?:on|sur) (?:{NETWORKS})(?!\w)",
        needs=NETWORK_NEEDS,
    ),
)

# Numbers that an authority gives: of a person, or of a file

COUNT = r"(?:no\.?|n°|n[ºo]\.?|num(?:ber|éro)?\.?|id|#)"
LINK = r"(?:\s?(?:is|was|are|est|était|:|=)(?: l[ea])?)?"
IDS = (
    _shape(
        Detail.ID,
        r"(?<![\w-])(?:[A-Z]{1,4}[ -]?)?\d(?:[ -]?\d){5,14}(?!\w)",
        after=r"(?:sin|nas|ssn|phn|uci|social (?:insurance|security)|assurance[- ]sociale|"
        r"health[- ](?:card|number|care|insurance)|care ?card|medical card|assurance[- ]maladie|carte soleil|"
        r"driv(?:er|ing)(?:'?s)? ?licen[cs]e|"
        r"permis de conduire|status (?:card|number)|certificat de statut|passport|passeport|"
        rf"(?:client|patient)(?:'s)? {COUNT})\b[^\d\n.;!?]{{0,25}}(?:no\. ?)?",
    ),
    _shape(Detail.ID, r"(?<![\w-])[A-Z]{4} ?\d{4} ?\d{4}(?![\w-])"),
    _shape(Detail.ID, r"(?<![\w-])(?<!\d )\d{4}[ -]\d{3}[ -]\d{3}(?![\w-])(?! \d)"),
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
    _shape(Detail.FILE, FILE_NUMBER, after=rf"{FILE_WORD}\s?{COUNT}{LINK}\s?#?"),
    _shape(Detail.FILE, rf"(?=[A-Z\d]{{1,8}}-){FILE_NUMBER}", after=rf"{FILE_WORD}{LINK}\s?#?"),
    _shape(
        Detail.FILE, rf"(?<!\w)[A-Z]{{2,6}}[ -]#?(?!{YEAR}-{YEAR}(?!\d))(?:{YEAR}|\d\d)-\d{{4,7}}(?![\w-])", needs="-"
    ),
    _shape(Detail.FILE, rf"(?<![\w-])(?:{YEAR}|\d\d)-\d{{5,7}}(?![\w-])", needs="-"),
    _shape(
        Detail.FILE,
        rf"(?i)(?<!\w)(?:badge|matricule|regimental)(?: {COUNT})?{LINK}\s?#?\d{{3,6}}(?!\w)",
        needs="badge|matricule|regimental",
    ),
)

BIRTHS = (
    _shape(
        Detail.BIRTH,
        r"(?i)(?<!\w)(?:born|d\.?o\.?b\.?|date of birth|birth ?date|birthday|née?s?|né\(e\)|né·e|date de naissance|"
        rf"anniversaire|ddn)(?!\w)[^\w\n]{{0,4}}(?:(?:is|on|the|was|le|est)[ :]{{1,2}}){{0,3}}{DATE}",
        needs="born|birth|dob|d.o.b|née|né |nés|né(|né·|naissance|anniversaire|ddn",
    ),
    _shape(
        Detail.BIRTH,
        rf"(?i)(?<!\w)(?:s?he|elle|ils?|iel) (?:was |is |est )?(?:born|née?|né·e) (?:in|en) (?:{MONTH} )?{YEAR}(?!\d)",
        needs="born|née|né |né·",
    ),
)

# Plates

PLATES = (
    _shape(
        Detail.PLATE,
        rf"(?i:(?<!\w)(?:plates?|plaques?(?: d'immatriculation)?|immatricul\w{{1,6}})(?: {COUNT})?)[^\w\n]{{0,3}}"
        r"(?:(?:is|reads|was|were|est|la|le)[ :]{1,2}){0,2}"
        r"(?P<what>(?=[A-Z -]{0,8}\d)(?=[\d -]{0,8}[A-Z])[A-Z\d]{1,4}[ -]?[A-Z\d]{2,4}(?:[ -]?[A-Z\d]{1,3})?|\d{5,7})"
        r"(?!\w)",
        needs="plate|plaque|immatricul",
    ),
    # Shapes that little else has: AB1 23C, ABC-123, 123-ABC.
    _shape(Detail.PLATE, r"(?<![\w-])(?:[A-Z]{3}-\d{3}|\d{3}-[A-Z]{3}|(?i:[A-Z]{2}\d[ -]?\d{2}[A-Z]))(?![\w-])"),
)
# Shapes that much else has: plates only in a text that names a vehicle.
PERHAPS_PLATE = _shape(
    Detail.PLATE,
    rf"(?<![\w$-])(?:[A-Z]{{3}} ?\d{{3}}|\d{{3}} ?[A-Z]{{3}}|[A-Z]{{2}}[ -](?!{YEAR})\d{{4}}|"
    rf"(?!{YEAR})\d{{4}}[ -][A-Z]{{2}}|[A-Z]{{4}} ?\d{{3}}|[A-Z]\d{{2}} ?[A-Z]{{3}}|"
    rf"[A-Z]{{3}} ?(?!{YEAR})\d{{4}})(?![\w-])(?! ?\d)",
)
VEHICLE = re.compile(
    r"\b(?:plates?|licen[cs]e|cars?|vans?|trucks?|suvs?|sedans?|vehicles?|minivans?|pick-?ups?|drivers?|drove|drives?|"
    r"driving|parked|taxis?|motorcycles?|plaques?|immatricul\w*|autos?|voitures?|camions?|camionnettes?|"
    r"fourgonnettes?|fourgons?|véhicules?|conduct(?:eur|rice)|stationn\w+|motos?)\b"
)

# Addresses

POSTAL = (
    _shape(Detail.POSTAL, r"(?i)(?<!\w)[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]{0,2}\d[ABCEGHJ-NPRSTV-Z]\d(?!\w)"),
)
STREET = (
    "Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Boulevard|Blvd|Lane|Ln|Crescent|Cres|Court|Crt|Place|Pl|Way|Terrace|"
    "Highway|Hwy|Alley|Mews|Close|Square|Parkway|Pkwy|Trail"
)
RUE = (
    r"(?:rue|avenue|av\.|boulevard|boul\.|chemin|ch\.|place|allée|rang|route|côte|montée|ruelle|impasse|quai|square|"
    r"terrasse|promenade)"
)
OF = r"(?:de la |de l'|des |du |de |d'|la |l')"
# What is counted, rather than where one lives: “12 First Nations”.
COUNTED = (
    "First|Indigenous|Elders|Nations?|Knowledge|Canadians?|Indians?|Inuit|Métis|Black|Calls|Recommendations?|"
    rf"Aboriginal|Asian|English|French|(?i:{MONTH}|\w{{2,6}}day)"
)
A_DAY = rf"(?i:{MONTH}|\w{{2,6}}day)"
ORDINAL = r"\d{1,3}(?:st|nd|rd|th)"
ROAD = rf"(?:{CAP}|{ORDINAL})(?: (?:{STREET})\b\.?)?"
VOIE = rf"{OF}?(?:{RUE} )?{OF}?{CAP}"
ADDRESSES = (
    # The street's kind in small letters too, where no word follows it: “5 Montreal street nurses” are no address.
    _shape(
        Detail.ADDRESS,
        rf"(?<![\w.])(?!{YEAR} (?:[A-Z][\w.'-]{{0,30}} ){{1,4}}Court(?!\w))"
        rf"\d{{1,5}}[A-Za-z]? (?:[A-Z0-9][\w.'-]{{0,30}} ){{1,4}}"
        rf"(?:(?:{STREET})(?!\w)|(?i:{STREET})(?= ?(?:[^\w ]|$)))",
    ),
    _shape(Detail.ADDRESS, rf"(?<![\w.])(?<![Ee]n )\d{{1,5}}[A-Za-z]?,? (?i:{RUE}) {OF}?{CAP}(?: {CAP})?"),
    # All in small letters: at 12 main street
    _shape(
        Detail.ADDRESS,
        r"(?i)(?<![\w.])\d{1,5} (?:[ewns]\.? |east |west |north |south )?(?!on |in |of |the |per |a )[\w'-]{2,20} "
        rf"(?:street|st|avenue|ave|road|rd|boulevard|blvd|crescent|highway|hwy)(?!\w){END}",
        after="at |near |outside |behind |to |",
        in_a_line=True,
        needs="st|av|r|bl|h",
    ),
    # Without a kind of street: at 12 Kingsway, 1234 Kingsway, 88 West Pender
    _shape(
        Detail.ADDRESS,
        rf"(?<![\w#])#?(?!{YEAR} )\d{{1,5}}[A-Za-z]?,? {CAP}(?: {CAP})?{END}",
        after="at |near |outside |behind |au |lives in |habite ",
        without=COUNTED,
        in_a_line=True,
    ),
    _shape(
        Detail.ADDRESS,
        rf"(?<![\w$#.,-])(?<!\$ )(?:(?!{YEAR} )\d{{4,5}} |\d{{1,5}} (?:[EWNS]|East|West|North|South)\.? )"
        rf"{CAP}(?: {CAP})?{END}",
        without=COUNTED,
        in_a_line=True,
    ),
    # Units and boxes
    _shape(Detail.ADDRESS, rf"#?\b\d{{1,5}}[A-Z]? ?- ?\d{{2,5}} {CAP}(?= ?(?:[^\w ]|$|{STREET}))", without=COUNTED),
    _shape(
        Detail.ADDRESS,
        r"(?i)(?<!\w)(?:(?:unit|suite|apt|apartment|bureau|local|unité)\.? ?#?\d{1,5}[a-z]? ?[,-] ?\d{1,5}\b"
        r"[ ,\w'.-]{0,25}|(?:apartment|apt\.?|appartement|app\.|appt\.?) ?#?\d{1,4}[a-z]?(?!\w)|"
        r"(?:p\. ?o\.|po) box \d{1,6}|"
        r"(?:c\.p\.|case postale) \d{1,6})",
        needs="unit|suite|apt|apartment|bureau|local|appartement|app.|appt|box|c.p.|postale",
    ),
    _shape(Detail.ADDRESS, r"(?<![\w.-])-?\d{1,2}\.\d{4,9}°?(?: ?[NS])?[, ]{1,2}-?\d{1,3}\.\d{4,9}(?!\w)", needs="."),
    # Corners
    _shape(
        Detail.ADDRESS,
        rf"(?i:corner|intersection|junction) of (?:the )?(?P<what>{ROAD} (?:and|&|with|at) {ROAD})",
        needs="corner of|intersection of|junction of",
    ),
    _shape(
        Detail.ADDRESS,
        rf"(?<![\w'-]){ROAD} (?:and|&) {ROAD}(?!\w)(?! {UP})",
        needs=" and | & ",
        after="(?:at|near|behind|off|works?|worked|working|stands?|stood|stays?|sleeps?|lives?)(?: on| the| near)? ",
        without=A_DAY,
    ),
    _shape(
        Detail.ADDRESS,
        rf"(?<![\w.])(?:{CAP} (?:and|&|at) {ORDINAL}(?! (?:[a-z]|{UP}))|{ORDINAL} (?:and|&|at) {CAP})(?!\w)",
        needs="1st|2nd|3rd|th ",
        without=A_DAY,
    ),
    _shape(
        Detail.ADDRESS,
        rf"(?<!\w){CAP} (?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd)\b\.? (?:and|&|at) {ROAD}(?!\w)"
        rf"(?! {UP}(?!t\b|treet\b|ve\b|venue\b|oad\b))",
        needs="street|st |st.|av|road|rd |rd.|b",
    ),
    _shape(
        Detail.ADDRESS, rf"(?<!\w){ROAD} between {ROAD} and {ROAD}(?!\w)", needs=" between ", after="on ", without=A_DAY
    ),
    _shape(Detail.ADDRESS, rf"(?<!\w){CAP} (?:and|&) {CAP} [Ss]treets(?!\w)", needs="streets"),
    _shape(
        Detail.ADDRESS,
        rf"(?<!\w)(?i:coin|angle|intersection) (?P<what>{VOIE}(?: {CAP})? et {VOIE})",
        needs="coin |angle |intersection ",
    ),
)

# Who somebody is

PLACE = rf"(?:from|in|of|near|de|à|d'|du|of the) ?(?!(?i:{MONTH})(?!-))(?=\S*[^\W\dA-Z]){UP}[\w'-]{{2,25}}"
OLD = r"\d{2}[- ]?(?:year|yr)s?[- ]?old(?!s)"
OLD_NEEDS = "year-old|year old|years old|yr-old|yr old|yrs old|yearold"
AGES = (
    _shape(
        Detail.AGE,
        rf"(?<![\w-])(?:{OLD}(?: [\w-]{{1,20}}){{0,3}} (?:{PEOPLE})\b[^.;:!?\n]{{0,25}}?\s{PLACE}|{OLD} {PLACE}|"
        rf"{OLD} (?!Indigenous){UP}[\w'-]{{2,25}}(?: [\w-]{{1,20}})? (?:{PEOPLE}))(?!\w)",
        needs=OLD_NEEDS,
    ),
    _shape(
        Detail.AGE,
        rf"(?<!\w)(?i:in|from|at|near) (?:{UP}[\w'-]{{2,25}} ?){{1,3}},? (?:an?|the|one) {OLD}"
        rf"(?: [\w-]{{1,20}}){{0,2}} (?:{PEOPLE})(?!\w)",
        needs=OLD_NEEDS,
    ),
    _shape(Detail.AGE, rf"(?<!\w){UP}[\w'-]{{2,25}} (?:{PEOPLE}),? (?:\(\d\d\)|\d\d,)", without="An?|The|Une?|La|Le"),
    _shape(
        Detail.AGE,
        rf"(?<!\w)\d\d(?: years old)?,? (?:and )?(?:lives? |living |stays )?{PLACE}(?!\w)",
        after=rf"(?:s?he (?:is|was)|aged?|(?:{PEOPLE}),?) ",
    ),
    _shape(
        Detail.AGE,
        rf"(?:de|a|avait) \d\d ans[^.;:!?\n\d]{{0,30}}?[\s,]{PLACE}(?!\w)",
        needs=" ans",
        after=rf"(?:(?:{PEOPLE})\b[^.;:!?\n\d]{{0,30}}|âgée?|elle|il|iel) ",
    ),
)

NAMED = rf"{UP}[^\W\dA-Z_][^\W\d_]{{1,20}}(?:[-']{UP}[^\W\d_]{{1,20}})?"
# Words in the names of organizations and places, and those that begin a sentence.
NO_PERSON = (
    "Society|Centre|Center|Association|Police|Department|Council|Network|University|College|Nations?|Programs?|"
    "Programme|Foundation|Committee|Women|Women's|Health|Services?|Project|Alliance|Coalition|House|Housing|Community|"
    "Living|Ending|Safety|Act|Care|Support|Training|Practitioners?|Canada|Canadian|Indigenous|First|City|"
    "Ministry|Office|Union|Institute|School|Board|Team|Group|Conference|Report|Update|Plan|Action|Workers?|Work|"
    "Justice|Abuse|Crisis|Youth|Family|Human|Rights|National|Provincial|Federal|Regional|North|South|East|West|"
    "Northern|Coastal|Elders?|Maison|Société|Ville|Santé|Conseil|Réseau|Comité|Ministère|Université|Nord|Sud|The|This|"
    "That|Our|Their|In|At|On|For|And|With|From|To|Of|When|While|After|Before|We|They|She|He|It|Dans|Pour|Avec|Les|Des|"
    "Une?|Nous|Elle|Selon|Depuis|Safe|New|Red|Big|Great|Downtown|Peers?|Outreach|Prince|Fort|Saint|Mount|Lake|Port|"
    "White|Street|Public|Legal|Education|Research|Executive|Policy|General|Senior|Assistant|Deputy|Chief|Provider|"
    "Liaison|Engagement|Anti|Trans|Two|Register|Records?|Fund|Fonds"
)
ROLE = (
    "client|survivor|witness|victim|volunteer|co-?ordinator|director|manager|worker|nurse|counsell?or|advocate|member|"
    "participant|peer|founder|co-?founder|neighbour|tenant|resident|driver|sister|brother|mother|father|daughter|son|"
    "husband|wife|partner|friend|roommate|landlord|student|organizer|facilitator|navigator|témoin|victime|bénévole|"
    "coordonnatrice|coordonnateur|directrice|directeur|intervenante?|travailleuse|travailleur|infirmière|infirmier|"
    "conseillère|conseiller|membre|fondatrice|fondateur|résidente?|voisine?|amie?|sœur|frère|mère|père|fille|fils|"
    "conjointe?|cliente?|participante?|survivante?|militante?|paire?"
)
# What is told apart by a letter: “Hepatitis C”, “Plan B”.
LETTERED = (
    "Plan|Appendi(?:x|ces)|Annexe?s?|Schedules?|Sections?|Parts?|Parties?|Phases?|Tables?|Tableau|Figures?|Charts?|"
    "Graphs?|Areas?|Zones?|Groups?|Groupes?|Teams?|Équipe|Class|Classe|Grade|Type|Category|Catégorie|Options?|Levels?|"
    "Niveau|Stage|Étape|Steps?|Streams?|Volets?|Tracks?|Tiers?|Rooms?|Salle|Buildings?|Bâtiment|Blocks?|Bloc|Floor|"
    "Wing|Hall|Suite|Units?|Unité|Vitamine?|Hepatitis|H[ée]patites?|Influenza|Strep|Streptocoque|Bills?|Forms?|"
    "Formulaire|Articles?|Clauses?|Chapters?|Chapitre|Volumes?|Tome|Vol|Titles?|Titre|Books?|Livre|Items?|Questions?|"
    "Recommendations?|Recommandations?|Goals?|Objectif|Actions?|Activity|Activité|Tasks?|Exhibits?|Pièce|Version|"
    "Models?|Modèle|Routes?|Lines?|Ligne|Gate|Door|Porte|Terminal|Generation|Génération|Gen|War|Malcolm|Series|Série|"
    "Columns?|Colonne|Rows?|Sites?|Modules?|Lots?|Projects?|Projet|Cohorts?|Cohorte|Scenario|Scénario|Points?|Cas|"
    "Case|Priority|Priorité|Pillar|Pilier|Theme|Thème|Ward|District|Drive|Size|Taille|Act|Note|Order|Covid|Omega|"
    "Should|When|Where|What|Why|How|And|But|Then|Because|While|Here|There|Canada|Division|Subsection|Paragraph|Street|"
    "Avenue|Road|Highway|Loi|Page|Protected|Protégé|Twitter|Washington|Window|Sample|Element|Key|Platform"
)
NAMES = (
    # Jane D.
    _shape(
        Detail.NAME,
        rf"(?<![\w'-]){UP}[^\W\dA-Z_][^\W\d_]{{1,20}}(?:-{UP}[^\W\d_]{{1,20}})? "
        r"(?:[A-Z]\.(?![\w'-])|(?![AI]\b)[A-Z](?![\w'.&-]))",
        without=LETTERED,
    ),
    _shape(Detail.NAME, r"(?<![\w.'-])[A-Z]\. [A-Z]\.(?![\w'-])(?! ?[A-Z]\.)"),
    _shape(
        Detail.NAME,
        r"(?<![\w.])(?:(?:Mr|Mrs|Ms|Mx|Dr|Dre|Cst|Const|Sgt|Det|Cpl|Insp|Mme|Mlle)\.?|M\.|Miss|Constable|Sergeant|"
        rf"Detective|Corporal|Officer|Auntie|Agente?|Sergente?|Caporale?) {NAMED}(?: {NAMED})?(?!\w)",
        without=NO_PERSON,
    ),
    _shape(Detail.NAME, rf"(?<![\w'-]){NAMED} {NAMED}(?!\w)(?! {UP})", after=rf"(?:{ROLE}),? ", without=NO_PERSON),
    _shape(
        Detail.NAME,
        rf"(?<![\w'-])(?<![Ii]n )(?<![Aa]t )(?<!rom )(?<!of )(?<!À )(?<!à )(?P<what>{NAMED} {NAMED}), "
        r"(?!and |et |or |ou )"
        rf"(?:an? |the |our |her |his |une? |l'|la |le |notre )?(?:[a-z-]{{1,20}} ){{0,2}}(?:{ROLE})(?!\w)",
        needs=",",
        without=NO_PERSON,
    ),
    _shape(
        Detail.NAME,
        rf"(?<![\w'-]){NAMED}(?: {NAMED})?",
        needs="named|called|nommé|ppelé|ppelle|name is|name was|se nomme|nom est",
        after=rf"(?:(?:{PEOPLE}) (?:named|called|(?:re)?nommée?|appelée?|prénommée?)|(?:her|his|their|my) "
        r"(?:real |first |last |full )?name (?:is|was)|s'appelle|s'appelait|se nomme|son (?:vrai )?(?:pré)?nom est) ",
        without=NO_PERSON,
    ),
)

BEFORE_PHONES = (*EMAILS, *ACCOUNTS, *IDS, *FILES, *BIRTHS, *PLATES)
AFTER_PHONES = (*POSTAL, *ADDRESSES, *AGES, *NAMES)
