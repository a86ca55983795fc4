"""What addresses, corners, ages with a place and names look like, in English and in French: see `shapes`."""

from __future__ import annotations

from .shapes import CAP, MONTH, UP, YEAR, Detail, shape

# What follows an address that ends: “At 455 Nelson with”, but not “at 455 Nelson nurses”.
END = (
    r"(?=[^\S\n]*(?:[.,;:!?)\n]|$|(?:and|with|in|near|where|every|until|for|on|by|to|since|after|before|et|avec|dans|près|où|"
    r"pour|depuis|après|avant)\b))"
)
# In small letters, one person each: of several, an age or a name says less.
PEOPLE = (
    "woman|man|girl|boy|person|mother|father|mom|dad|parent|teen|teenager|worker|student|client|member|resident|"
    "survivor|victim|sister|brother|daughter|son|friend|peer|patient|participant|lady|elder|nurse|migrant|refugee|"
    "escort|driver|newcomer|immigrant|femme|homme|fille|garçon|mère|père|personne|jeune|travailleuse|travailleur|"
    "étudiante?|cliente?|participante?|patiente?|résidente?|survivante?|aînée?|dame|amie?|sœur|frère|victime|"
    "migrante?|réfugiée?|conductrice|conducteur"
)

# Addresses

POSTAL = (
    shape(
        Detail.POSTAL,
        r"(?i)(?<!\w)[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]{0,2}\d[ABCEGHJ-NPRSTV-Z]\d(?!\w)",
        digits=3,
    ),
)
STREET = (
    "Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Boulevard|Blvd|Lane|Ln|Crescent|Cres|Court|Crt|Place|Pl|Way|Terrace|"
    "Highway|Hwy|Alley|Mews|Close|Square|Parkway|Pkwy|Trail"
)
RUE = (
    r"(?:rues?|avenues?|av\.|boulevard|boul\.|chemin|ch\.|place|allée|rang|route|côte|montée|ruelle|impasse|quai|square|"
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
ROAD = rf"(?:(?:{CAP}|{ORDINAL})(?: (?:{STREET})\b\.?)?(?: [EWNS]\b\.?)?|\d{{1,3}} (?:{STREET})\b\.?)"
VOIE = rf"{OF}?(?:{RUE} )?{OF}?{CAP}"
ADDRESSES = (
    # The street's kind in small letters too, where no word follows it: “5 Montreal street nurses” are no address.
    shape(
        Detail.ADDRESS,
        rf"(?<![\w.])(?!{YEAR} (?:[A-Z][\w.'-]{{0,30}} ){{1,4}}Court(?!\w))"
        rf"\d{{1,5}}[A-Za-z]? (?:[A-Z0-9][\w.'-]{{0,30}} ){{1,4}}"
        rf"(?:(?:{STREET})(?!\w)|(?i:{STREET})(?= ?(?:[^\w ]|$)))",
        digits=1,
    ),
    shape(Detail.ADDRESS, rf"(?<![\w.])(?<![Ee]n )\d{{1,5}}[A-Za-z]?,? (?i:{RUE}) {OF}?{CAP}(?: {CAP})?", digits=1),
    # With a number for the street: 2210 - 8th Street East, 12, 3e Avenue
    shape(Detail.ADDRESS, rf"(?<![\w.])\d{{2,5}} ?- ?{ORDINAL} (?:{STREET})(?!\w)", digits=3),
    shape(Detail.ADDRESS, r"(?<![\w.])\d{1,5},? \d{1,3}(?:e|re|ère) (?i:rue|avenue|rang)(?!\w)", digits=2),
    shape(
        Detail.ADDRESS,
        rf"(?<!\w)(?:(?:{CAP} ){{1,2}}(?:Hotel|Motel|Inn|Rooms|Hôtel)|(?:[Hh]ôtel|[Mm]otel) {CAP})"
        r",? (?i:room|rm\.?|chambre) #?\d{1,4}",
        digits=1,
    ),
    # All in small letters: at 12 main street
    shape(
        Detail.ADDRESS,
        r"(?i)(?<![\w.])\d{1,5} (?:[ewns]\.? |east |west |north |south )?(?!on |in |of |the |per |a )[\w'-]{2,20} "
        rf"(?:street|st|avenue|ave|road|rd|boulevard|blvd|crescent|highway|hwy)(?!\w){END}",
        after="at |near |outside |behind |to |",
        in_a_line=True,
        needs="st|av|r|bl|h",
        digits=1,
    ),
    # Without a kind of street: at 12 Kingsway, 1234 Kingsway, 88 West Pender
    shape(
        Detail.ADDRESS,
        rf"(?<![\w#])#?(?!{YEAR} )\d{{1,5}}[A-Za-z]?,? {CAP}(?: {CAP})?{END}",
        after="at |near |outside |behind |au |lives in |habite ",
        without=COUNTED,
        in_a_line=True,
        digits=1,
    ),
    shape(
        Detail.ADDRESS,
        rf"(?<![\w$#.,-])(?<!\$ )(?:(?!{YEAR} )\d{{4,5}} |\d{{1,5}} (?:[EWNS]|East|West|North|South)\.? )"
        rf"(?:{CAP}(?: {CAP})?|(?<=[a-zEWNS.] ){ORDINAL}){END}",
        without=COUNTED,
        in_a_line=True,
        digits=1,
    ),
    # Units and boxes
    shape(
        Detail.ADDRESS,
        rf"#?\b\d{{1,5}}[A-Z]? ?- ?\d{{2,5}} {CAP}(?= ?(?:[^\w ]|$|{STREET}))",
        without=COUNTED,
        digits=1,
    ),
    shape(
        Detail.ADDRESS,
        r"(?i)(?<!\w)(?:(?:unit|suite|apt|apartment|bureau|local|unité)\.? ?#?\d{1,5}[a-z]? ?[,-] ?\d{1,5}\b"
        r"[ ,\w'.-]{0,25}|(?:apartment|apt\.?|appartement|app\.|appt\.?) ?#?\d{1,4}[a-z]?(?!\w)|"
        r"(?:p\. ?o\.|po) box \d{1,6}|"
        r"(?:c\.p\.|case postale) \d{1,6})",
        needs="unit|suite|apt|apartment|bureau|local|appartement|app.|appt|box|c.p.|postale",
        digits=1,
    ),
    shape(
        Detail.ADDRESS,
        r"(?<![\w.-])-?\d{1,2}\.\d{4,9}°?(?: ?[NS])?[, ]{1,2}-?\d{1,3}\.\d{4,9}(?!\w)",
        needs=".",
        digits=1,
    ),
    # Corners
    shape(
        Detail.ADDRESS,
        rf"(?:(?i:corner|intersection|junction) of (?:the )?|corner )(?P<what>{ROAD} (?:and|&|with|at) {ROAD})",
        needs="corner |intersection of|junction of",
    ),
    shape(
        Detail.ADDRESS,
        rf"(?<![\w'-]){ROAD} (?:and|&) {ROAD}(?!\w)(?! {UP})",
        needs=" and | & ",
        after="(?:at|near|behind|off|(?:works?|worked|working|stands?|stood|stays?|sleeps?|lives?|"
        "seen|found|attacked|assaulted|hurt|killed|followed|picked up|dropped off|happened)(?: on| the| near)?) ",
        without=A_DAY,
    ),
    shape(
        Detail.ADDRESS,
        rf"(?<![\w.])(?:{CAP} (?:and|&|at) {ORDINAL}(?! (?:[a-z]|{UP}))|{ORDINAL} (?:and|&|at) {CAP})(?!\w)",
        needs="1st|2nd|3rd|th ",
        without=A_DAY,
        digits=1,
    ),
    shape(
        Detail.ADDRESS,
        rf"(?<!\w){CAP} (?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd)\b\.?(?: [EWNS]\b\.?)? (?:and|&|at) {ROAD}(?!\w)"
        rf"(?! {UP}(?!t\b|treet\b|ve\b|venue\b|oad\b))",
        needs="street|st |st.|av|road|rd |rd.|b",
    ),
    shape(
        Detail.ADDRESS, rf"(?<!\w){ROAD} between {ROAD} and {ROAD}(?!\w)", needs=" between ", after="on ", without=A_DAY
    ),
    shape(Detail.ADDRESS, rf"(?<!\w){CAP} (?:and|&) {CAP} [Ss]treets(?!\w)", needs="streets"),
    shape(
        Detail.ADDRESS,
        rf"(?<!\w)(?i:coin|angle|intersection) (?P<what>{VOIE}(?: {CAP})?(?: et | & |/){VOIE})",
        needs="coin |angle |intersection ",
    ),
)

# Who somebody is

PLACED = rf"(?!(?i:{MONTH})(?!-))(?=\S*[^\W\dA-Z]){UP}[\w'-]{{2,25}}"
PLACE = rf"(?:from|in|of|near|habitant|habite|de|à|d'|du|of the) ?{PLACED}"
OLD = r"\d{2}[- ]?(?:year|yr)s?[- ]?old(?!s)"
OLD_NEEDS = "year-old|year old|years old|yr-old|yr old|yrs old|yearold"
AGES = (
    shape(
        Detail.AGE,
        rf"(?<![\w-])(?:{OLD}(?: [\w-]{{1,20}}){{0,3}} (?:{PEOPLE})\b[^.;:!?\n]{{0,25}}?\s{PLACE}|{OLD} {PLACE}|"
        rf"{OLD} (?!Indigenous){UP}[\w'-]{{2,25}}(?: [\w-]{{1,20}})? (?:{PEOPLE}))(?!\w)",
        needs=OLD_NEEDS,
        digits=2,
    ),
    shape(
        Detail.AGE,
        rf"(?<!\w)(?i:in|from|at|near) (?:{UP}[\w'-]{{2,25}} ?){{1,3}},? (?:an?|the|one) {OLD}"
        rf"(?: [\w-]{{1,20}}){{0,2}} (?:{PEOPLE})(?!\w)",
        needs=OLD_NEEDS,
        digits=2,
    ),
    shape(
        Detail.AGE,
        rf"(?<!\w){UP}[\w'-]{{2,25}} (?:{PEOPLE}),? (?:\(\d\d\)|\d\d,)",
        without="An?|The|Une?|La|Le",
        digits=2,
    ),
    shape(
        Detail.AGE,
        rf"(?<!\w)\d\d(?: (?:and|et) \d\d)?(?: years old)?,? (?:and )?(?:lives? |living |stays )?{PLACE}(?!\w)",
        after=rf"(?:s?he (?:is|was)|aged?|(?:{PEOPLE})(?:,| is| was)?) ",
        digits=2,
    ),
    shape(
        Detail.AGE,
        rf"(?:de|a|avait) \d\d ans[^.;:!?\n\d]{{0,30}}?[\s,]{PLACE}(?!\w)",
        needs=" ans",
        after=rf"(?:(?:{PEOPLE})\b[^.;:!?\n\d]{{0,30}}|âgée?|elle|il|iel) ",
        digits=2,
    ),
    # Julie, 28 ans, de Sherbrooke; Kayla (19, Regina); une Gatinoise de 33 ans
    shape(
        Detail.AGE,
        rf"(?<![\w'-]){CAP},? (?:\(\d\d(?: ans)?, {PLACED}\)|\d\d ans,? (?:de|d'|du) ?{PLACED})(?!\w)",
        digits=2,
    ),
    shape(
        Detail.AGE,
        rf"(?<!\w)(?i:une?|la|le) {UP}[\w'-]{{1,20}}(?:ois|ais|ien|éen|ain)n?e? de \d\d ans(?!\w)",
        needs=" ans",
        digits=2,
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
    "Liaison|Engagement|Anti|Trans|Two|Register|Records?|Fund|Fonds|Ministers?|Mayor|Attorney|Premier|Inspector|Watch|"
    "Times|News|Press|Post|Magazine"
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
    shape(
        Detail.NAME,
        rf"(?<![\w'-]){UP}[^\W\dA-Z_][^\W\d_]{{1,20}}(?:-{UP}[^\W\d_]{{1,20}})? "
        r"(?:[A-Z]\.(?![\w'-])|(?![AI]\b)[A-Z](?:'s(?!\w)|(?![\w'.&-])))",
        without=LETTERED,
    ),
    # M. R., J.D. told us, J. Smith
    shape(Detail.NAME, r"(?<![\w.'-])[A-Z]\. [A-Z]\.(?![\w'-])(?! ?[A-Z]\.)"),
    shape(
        Detail.NAME,
        r"(?<![\w.'-])(?!B\.C|U\.[SNK]|D\.C|N\.[SB]|P\.E)[A-Z]\.[A-Z]\."
        r"(?= (?:told|said|says|lives|spoke|asked|works|went)\b)",
        needs=". told|. said|. says|. lives|. spoke|. asked|. works|. went",
    ),
    shape(
        Detail.NAME,
        rf"(?<![\w.'-])[A-Z]\. {NAMED}(?!\w)",
        after="(?:by|with|to|from|and|for|thank|thanks|said|says|told|met|saw|par|avec|merci à|à|et) |",
        without=f"[EWNS]\\.|{NO_PERSON}",
    ),
    # Jane Doe said, our client Jane
    shape(
        Detail.NAME,
        rf"(?<![\w'-]){NAMED} {NAMED}"
        r"(?= (?:said|says|told|recalled|testified|disclosed|a dit|a raconté|raconte|témoigne)\b)",
        needs=" said| says| told| recalled| testified| disclosed| a dit| a raconté| raconte| témoigne",
        without=NO_PERSON,
    ),
    shape(
        Detail.NAME,
        rf"(?<![\w'-]){NAMED}(?!\w)(?! {UP})",
        after="(?:our|my|her|his|their|one|notre|ma|sa|mon|son) (?:client|cliente|friend|sister|brother|daughter|son|"
        "partner|husband|wife|roommate|peer|amie?|sœur|frère|fille|fils|conjointe?) ",
        needs="client|friend|sister|brother|daughter|son |partner|husband|wife|roommate|peer|ami|sœur|frère|fil|conj",
        without=NO_PERSON,
    ),
    shape(
        Detail.NAME,
        r"(?<![\w.])(?:(?:Mr|Mrs|Ms|Mx|Dr|Dre|Cst|Const|Sgt|Det|Cpl|Insp|Mme|Mlle)\.?|M\.|Miss|Constable|Sergeant|"
        rf"Detective|Corporal|Officer|Auntie|Agente?|Sergente?(?:-détective)?|Caporale?) {NAMED}(?: {NAMED})?(?!\w)",
        without=NO_PERSON,
    ),
    shape(Detail.NAME, rf"(?<![\w'-]){NAMED} {NAMED}(?!\w)(?! {UP})", after=rf"(?:{ROLE}),? ", without=NO_PERSON),
    shape(
        Detail.NAME,
        rf"(?<![\w'-])(?<![Ii]n )(?<![Aa]t )(?<!rom )(?<!of )(?<!À )(?<!à )(?P<what>{NAMED} {NAMED}), "
        r"(?!and |et |or |ou )"
        rf"(?:an? |the |our |her |his |une? |l'|la |le |notre )?(?:[a-z-]{{1,20}} ){{0,2}}(?:{ROLE})(?!\w)",
        needs=",",
        without=NO_PERSON,
    ),
    shape(
        Detail.NAME,
        rf"(?<![\w'-]){NAMED}(?: {NAMED})?",
        needs="named|called|nommé|ppelé|ppelle|name is|name was|se nomme|nom est",
        after=rf"(?:(?:{PEOPLE}) (?:named|called|(?:re)?nommée?|appelée?|prénommée?)|(?:her|his|their|my) "
        r"(?:real |first |last |full )?name (?:is|was)|s'appelle|s'appelait|se nomme|son (?:vrai )?(?:pré)?nom est) ",
        without=NO_PERSON,
    ),
)

MAPS = (
    shape(
        Detail.ADDRESS,
        r"(?i)(?<![\w-])(?:maps\.app\.goo\.gl|goo\.gl/maps|maps\.google\.\w{2,3}|google\.\w{2,3}/maps|what3words\.com|"
        r"w3w\.co)/[\w@.,$%/?=&+!-]{1,300}",
        needs="maps|3w",
    ),
)
