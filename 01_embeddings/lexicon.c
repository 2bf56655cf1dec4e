#include "01_embeddings/lexicon.h"

/* One row per word; M and F are the gender in French. */
#define NOUN_M(en, fr, tags)                                                                       \
    { NOUN, en, fr, "noun " tags, "", false, false, IL }
#define NOUN_F(en, fr, tags)                                                                       \
    { NOUN, en, fr, "noun " tags, "", true, false, IL }
#define ANIMAL_M(en, fr, tags, eats)                                                               \
    { NOUN, en, fr, ANIMAL tags, "watery " eats, false, false, IL }
#define ANIMAL_F(en, fr, tags, eats)                                                               \
    { NOUN, en, fr, ANIMAL tags, "watery " eats, true, false, IL }
#define BEFORE(en, fr, tags, fits)                                                                 \
    { ADJECTIVE, en, fr, tags, fits, false, true, IL }
#define AFTER(en, fr, tags, fits)                                                                  \
    { ADJECTIVE, en, fr, tags, fits, false, false, IL }
#define VERB_(en, fr, tags, fits)                                                                  \
    { VERB, en, fr, tags, fits, false, false, IL }
#define PREP(en, fr, fits)                                                                         \
    { PREPOSITION, en, fr, "prep", fits, false, false, IL }
#define SUBJECT_M(en, fr, tags, who)                                                               \
    { PRONOUN, en, fr, tags, "", false, false, who }
#define SUBJECT_F(en, fr, tags, who)                                                               \
    { PRONOUN, en, fr, tags, "", true, false, who }
#define NAME_M(name)                                                                               \
    { NAME, name, name, "name someone other third one adult", "", false, false, IL }
#define NAME_F(name)                                                                               \
    { NAME, name, name, "name someone other third one adult", "", true, false, IL }
#define OWNER_(en, fr, who)                                                                        \
    { OWNER, en, fr, "owner", "", false, false, who }
#define NUMBER_(en, fr, tags)                                                                      \
    { NUMBER, en, fr, tags, "", false, false, IL }
#define PHRASE_(en, fr, tags, fits)                                                                \
    { PHRASE, en, fr, tags, fits, false, false, IL }

/* Tags that come together. "thing" is whatever one can see, "goods" what one can buy, "small" what
 * one can hold, hide and lose, "many" what has a plural worth using; "someone" can be any subject,
 * "other" is not the speaker, "third" neither the speaker nor the listener, "one" third and single,
 * "adult" the latter grown up. The rest says what goes with which verb or adjective. */
#define PERSON "person someone other third one living "
#define ADULT PERSON "adult grown "
#define ANIMAL "noun animal living grown smallish furry drawn many "
#define GOODS "goods thing "
#define FOOD "food " GOODS
#define DRINK "drink mass served " GOODS
#define THING GOODS "small owned sized aged made many "
#define CLOTHES GOODS "clothes small owned painted washed aged made costly many "
#define FURNITURE GOODS "furniture surface costly load sized aged made many "
#define VEHICLE "vehicle thing sized aged made painted many "
#define BUILDING "building landmark thing sized aged made many "

const Word lexicon[] = {
    // people
    NOUN_M("man|men", "homme", ADULT "folk many"),
    NOUN_F("woman|women", "femme", ADULT "folk many fair"),
    NOUN_M("boy", "garçon", PERSON "folk many"),
    NOUN_F("girl", "fille", PERSON "folk many fair"),
    NOUN_M("child|children", "enfant", PERSON "folk many"),
    NOUN_M("king", "roi", ADULT),
    NOUN_F("queen", "reine", ADULT "fair"),
    NOUN_M("baker", "boulanger", ADULT),
    NOUN_F("nurse", "infirmière", ADULT),
    NOUN_M("farmer", "fermier", ADULT),
    NOUN_F("actress", "actrice", ADULT "fair"),
    NOUN_F("mother", "mère", "kin"),
    NOUN_M("father", "père", "kin"),
    NOUN_F("sister", "sœur", "kin sibling"),
    NOUN_M("brother", "frère", "kin sibling"),
    NOUN_F("aunt", "tante", "kin"),
    NOUN_M("uncle", "oncle", "kin"),
    NOUN_M("friend", "ami", "kin sibling"),

    // animals, with what they eat and drink
    ANIMAL_M("animal", "animal", "crosser", "meaty crumbs greens milky"),
    ANIMAL_M("cat", "chat", "noisy crosser pet owned little", "meaty milky"),
    ANIMAL_M("dog", "chien", "noisy sized crosser pet owned little washed", "meaty milky"),
    ANIMAL_M("horse", "cheval", "noisy sized crosser pet owned fair washed", "greens"),
    ANIMAL_F("cow", "vache", "noisy sized crosser", "greens"),
    ANIMAL_F("mouse|mice", "souris", "crosser little", "crumbs milky"),
    ANIMAL_M("bird", "oiseau", "noisy fair singer", "crumbs"),
    ANIMAL_M("rabbit", "lapin", "crosser pet owned little", "greens"),
    ANIMAL_F("goat", "chèvre", "noisy crosser pet owned", "greens milky"),
    ANIMAL_M("fox", "renard", "crosser fair", "meaty"),
    ANIMAL_M("donkey", "âne", "noisy sized crosser pet owned", "greens"),
    ANIMAL_M("wolf|wolves", "loup", "noisy sized crosser", "meaty"),
    ANIMAL_F("hen", "poule", "noisy crosser pet owned", "crumbs"),

    // food and drink
    NOUN_F("apple", "pomme", FOOD "fruit greens sweetish cuts smallish many"),
    NOUN_F("orange", "orange", FOOD "fruit sweetish cuts smallish many"),
    NOUN_F("carrot", "carotte", FOOD "greens freshly cuts smallish many"),
    NOUN_M("cake", "gâteau", FOOD "crumbs sweetish cuts smallish many"),
    NOUN_M("egg", "œuf", FOOD "freshly smallish many"),
    NOUN_M("bread", "pain", FOOD "mass crumbs freshly cuts"),
    NOUN_M("cheese", "fromage", FOOD "mass crumbs cuts"),
    NOUN_F("meat", "viande", FOOD "mass meaty freshly cuts served"),
    NOUN_M("fish|fish", "poisson", FOOD "mass meaty freshly served"),
    NOUN_F("soup", "soupe", FOOD "mass served"),
    NOUN_F("salad", "salade", FOOD "mass greens freshly"),
    NOUN_M("milk", "lait", DRINK "milky sweetish freshly"),
    NOUN_F("water", "eau", DRINK "watery freshly"),
    NOUN_M("tea", "thé", DRINK "sweetish"),
    NOUN_M("coffee", "café", DRINK "sweetish"),
    NOUN_F("lemonade", "limonade", DRINK "sweetish freshly"),

    // things
    NOUN_M("book", "livre", THING "text tale written longish packed shuts drawn"),
    NOUN_F("letter", "lettre", "thing small many text tale written longish opens"),
    NOUN_M("newspaper", "journal", GOODS "small many text aged"),
    NOUN_F("story|stories", "histoire", "text tale written longish many"),
    NOUN_F("key", "clé", THING),
    NOUN_F("lamp", "lampe", THING "costly machine fragile packed load"),
    NOUN_F("clock", "horloge", THING "costly machine fragile packed load"),
    NOUN_M("umbrella", "parapluie", THING "painted packed"),
    NOUN_M("toy", "jouet", GOODS "small owned smallish aged made many machine fragile packed"),
    NOUN_M("gift", "cadeau", THING "opens packed"),
    NOUN_F("ring", "bague", GOODS "small owned smallish aged made many costly fair"),
    NOUN_F("flower", "fleur", GOODS "small many fair painted drawn"),
    NOUN_F("cup", "tasse", THING "fragile washed filled packed"),
    NOUN_M("glass", "verre", THING "fragile washed filled"),
    NOUN_F("plate", "assiette", THING "fragile washed filled packed"),
    NOUN_F("bottle", "bouteille", THING "fragile washed filled opens packed"),
    NOUN_F("box", "boîte", THING "holder load filled opens shuts painted"),
    NOUN_M("bag", "sac", THING "costly holder load filled opens shuts painted washed"),
    NOUN_F("suitcase", "valise", THING "costly holder load filled opens shuts"),
    NOUN_M("basket", "panier", THING "holder load filled"),
    NOUN_F("chair", "chaise", FURNITURE "comfy painted bulky"),
    NOUN_F("table", "table", FURNITURE "washed cleaned bulky"),
    NOUN_M("bed", "lit", FURNITURE "comfy bulky"),
    NOUN_F("door", "porte", "thing many opens shuts washed painted"),
    NOUN_F("window", "fenêtre", "thing many opens shuts cleaned fragile sized"),
    NOUN_M("tree", "arbre", "thing many tree landmark shade fair sized drawn"),
    NOUN_F("guitar", "guitare", GOODS "instrument costly owned many packed load aged made"),
    NOUN_M("piano", "piano", GOODS "instrument costly many load sized aged made bulky"),
    NOUN_M("violin", "violon", GOODS "instrument costly owned many packed aged made"),

    // clothes
    NOUN_M("hat", "chapeau", CLOTHES "fair sized packed"),
    NOUN_F("dress", "robe", CLOTHES "fair longish packed"),
    NOUN_F("shirt", "chemise", CLOTHES),
    NOUN_F("jacket", "veste", CLOTHES "packed"),
    NOUN_M("coat", "manteau", CLOTHES "longish packed"),
    NOUN_F("scarf|scarves", "écharpe", CLOTHES "fair longish packed"),
    NOUN_M("sweater", "pull", CLOTHES "packed"),

    // vehicles
    NOUN_F("car", "voiture",
           VEHICLE "parked private goods costly owned landmark machine washed fast spacious"),
    NOUN_M("bike", "vélo", VEHICLE "parked private goods costly owned machine washed fast bulky"),
    NOUN_M("bus|buses", "bus", VEHICLE "parked public filled spacious"),
    NOUN_M("train", "train", VEHICLE "public filled fast"),
    NOUN_M("boat", "bateau", VEHICLE "private goods costly owned machine drawn fast spacious"),
    NOUN_M("plane", "avion", VEHICLE "public drawn fast"),

    // places
    NOUN_F("house", "maison", BUILDING "home comfy cleaned drawn fair painted quietly dark"),
    NOUN_F("school", "école", BUILDING "goal work"),
    NOUN_F("church", "église", BUILDING "goal sight fair dark quietly drawn"),
    NOUN_M("hospital", "hôpital", BUILDING "goal stay work"),
    NOUN_M("hotel", "hôtel", BUILDING "goal stay work costly comfy quietly"),
    NOUN_F("station", "gare", BUILDING "goal work"),
    NOUN_M("museum", "musée", BUILDING "goal sight hours work"),
    NOUN_F("library|libraries", "bibliothèque", BUILDING "goal sight hours work quietly"),
    NOUN_M("restaurant", "restaurant", BUILDING "goal hours work costly quietly"),
    NOUN_M("castle", "château", BUILDING "home sight stay fair dark drawn"),
    NOUN_M("market", "marché", "thing many goal hours work sized"),
    NOUN_M("garden", "jardin", "thing many room outdoor sight fair quietly sized"),
    NOUN_F("kitchen", "cuisine", "thing many room cleaned sized dark spacious"),
    NOUN_M("park", "parc", "thing many room outdoor goal fair quietly sized"),
    NOUN_F("forest", "forêt", "thing many room outdoor dark fair quietly sized"),
    NOUN_F("beach", "plage", "thing many goal stay fair quietly sized"),
    NOUN_M("village", "village", "thing many sight home fair quietly sized aged"),
    NOUN_F("city|cities", "ville", "thing many sight home fair sized aged"),
    NOUN_F("island", "île", "thing many sight fair quietly sized"),

    // what can be crossed
    NOUN_F("street", "rue", "thing many way widely risky longish quietly dark"),
    NOUN_F("road", "route", "thing many way widely risky longish"),
    NOUN_F("river", "rivière", "thing many way water widely deepish risky longish"),
    NOUN_M("bridge", "pont", "thing many way narrowly risky longish drawn aged"),
    NOUN_M("field", "champ", "thing many way widely room outdoor sized"),
    NOUN_M("stream", "ruisseau", "thing many way water deepish risky"),
    NOUN_M("lake", "lac", "thing many way water deepish widely fair sized"),

    // adjectives before their noun; "adj" may follow "is", "look" may describe anything in passing
    BEFORE("big|bigger", "grand", "adj look size large fault blemish", "sized"),
    BEFORE("small|smaller", "petit", "adj look size tiny fault blemish", "sized smallish"),
    BEFORE("old|older", "vieux|vieille|vieil", "adj look era more fault", "aged grown"),
    BEFORE("new", "nouveau|nouvelle|nouvel", "look era", "made"),
    BEFORE("young|younger", "jeune", "adj look era more weary", "living"),
    BEFORE("beautiful", "beau|belle|bel", "adj look more merit", "fair clothes"),
    BEFORE("pretty", "joli", "adj look merit", "fair clothes"),
    BEFORE("good", "bon|bonne", "adj merit", "food text"),
    BEFORE("long|longer", "long|longue", "adj more fault blemish", "longish"),
    // and after it
    AFTER("red", "rouge", "adj look colour", "painted"),
    AFTER("green", "vert", "adj look colour", "painted"),
    AFTER("blue", "bleu", "adj look colour", "painted"),
    AFTER("yellow", "jaune", "adj look colour", "painted"),
    AFTER("white", "blanc|blanche", "adj look colour", "painted furry"),
    AFTER("black", "noir", "adj look colour", "painted furry"),
    AFTER("tired", "fatigué", "adj mood weary", "living"),
    AFTER("sick", "malade", "adj mood weary", "living"),
    AFTER("lazy", "paresseux|paresseuse", "adj weary", "living"),
    AFTER("scared", "effrayé", "adj weary", "living"),
    AFTER("happy", "heureux|heureuse", "adj mood", "living"),
    AFTER("sad", "triste", "adj mood fault", "living tale"),
    AFTER("strong", "fort", "adj", "living"),
    AFTER("intelligent", "intelligent", "adj more", "living"),
    AFTER("famous", "célèbre", "adj", "person sight"),
    AFTER("heavy|heavier", "lourd", "adj more fault", "load"),
    AFTER("empty", "vide", "adj condition", "filled"),
    AFTER("full", "plein", "adj condition", "filled"),
    AFTER("clean", "propre", "adj", "washed cleaned"),
    AFTER("dirty", "sale", "adj fault blemish soiled", "washed cleaned"),
    AFTER("broken", "cassé", "adj condition", "fragile machine"),
    AFTER("expensive", "cher|chère", "adj more fault blemish", "costly"),
    AFTER("fast|faster", "rapide", "adj more merit", "fast"),
    AFTER("slow|slower", "lent", "adj more fault", "vehicle"),
    AFTER("hot", "chaud", "adj fault condition", "served"),
    AFTER("cold", "froid", "adj fault blemish condition", "served water"),
    AFTER("fresh", "frais|fraîche", "adj merit taste", "freshly"),
    AFTER("sweet", "sucré", "adj merit taste", "sweetish"),
    AFTER("delicious", "délicieux|délicieuse", "adj merit taste", "food"),
    AFTER("interesting", "intéressant", "adj more merit", "text sight"),
    AFTER("funny|funnier", "drôle", "adj more merit", "tale animal"),
    AFTER("wide|wider", "large", "adj passage", "widely"),
    AFTER("deep|deeper", "profond", "adj passage", "deepish"),
    AFTER("dangerous", "dangereux|dangereuse", "adj passage", "risky"),
    AFTER("narrow", "étroit", "adj passage", "narrowly"),
    AFTER("quiet", "calme", "adj merit", "quietly"),
    AFTER("dark", "sombre", "adj fault", "dark"),
    AFTER("comfortable", "confortable", "adj more merit", "comfy"),
    // professions: French says "ma sœur est infirmière", without an article
    AFTER("baker", "boulanger|boulangère", "job", ""),
    AFTER("nurse", "infirmier|infirmière", "job", ""),
    AFTER("farmer", "fermier|fermière", "job", ""),
    AFTER("singer", "chanteur|chanteuse", "job", ""),
    AFTER("teacher", "professeur|professeur", "job", ""),

    // verbs with an object: "act" can be going on, "deed" can be done, "plan" intended, "order"
    // asked
    // for; what one gets ("get") one can use ("use"); "asked": the answer is a thing
    VERB_("eat|eats|ate|eating", "manger", "act asked deed plan use consume", "food"),
    VERB_("drink|drinks|drank|drinking", "boire|bois|bois|boit|buvons|boivent|bu",
          "act asked deed plan use consume", "drink"),
    VERB_("read|reads|read|reading", "lire|lis|lis|lit|lisons|lisent|lu", "act asked plan use",
          "text"),
    VERB_("write|writes|wrote|writing", "écrire|écris|écris|écrit|écrivons|écrivent|écrit",
          "act asked deed plan", "written"),
    VERB_("open|opens|opened|opening", "ouvrir|ouvre|ouvres|ouvre|ouvrons|ouvrent|ouvert",
          "act deed plan order use", "opens"),
    VERB_("close|closes|closed|closing", "fermer", "act deed plan order", "shuts"),
    VERB_("wash|washes|washed|washing", "laver", "act asked deed plan order use", "washed"),
    VERB_("cut|cuts|cut|cutting", "couper", "act asked plan order use", "cuts"),
    VERB_("wear|wears|wore|wearing", "porter", "act asked", "clothes"),
    VERB_("draw|draws|drew|drawing", "dessiner", "act asked deed plan", "drawn"),
    VERB_("repair|repairs|repaired|repairing", "réparer", "act asked deed plan order use",
          "machine"),
    VERB_("buy|buys|bought|buying", "acheter|achète|achètes|achète|achetons|achètent|acheté",
          "act asked deed plan get", "goods"),
    VERB_("sell|sells|sold|selling", "vendre|vends|vends|vend|vendons|vendent|vendu",
          "act asked deed plan", "costly"),
    VERB_("hide|hides|hid|hiding", "cacher", "act asked deed plan use", "small"),
    VERB_("look for|looks for|looked for|looking for", "chercher", "act asked", "small animal"),
    VERB_("find|finds|found|finding", "trouver", "deed get", "small pet"),
    VERB_("lose|loses|lost|losing", "perdre|perds|perds|perd|perdons|perdent|perdu", "deed",
          "small"),
    VERB_("break|breaks|broke|breaking", "casser", "deed", "fragile"),
    VERB_("visit|visits|visited|visiting", "visiter", "act deed plan", "sight"),
    VERB_("help|helps|helped|helping", "aider", "act deed plan meet", "person"),
    VERB_("watch|watches|watched|watching", "regarder", "act asked hunt meet",
          "animal public person"),
    VERB_("follow|follows|followed|following", "suivre|suis|suis|suit|suivons|suivent|suivi",
          "act deed hunt meet", "animal person"),
    VERB_("see|sees|saw|seeing", "voir|vois|vois|voit|voyons|voient|vu", "state sense deed",
          "animal person thing"),
    VERB_("hear|hears|heard|hearing", "entendre|entends|entends|entend|entendons|entendent|entendu",
          "state sense deed", "noisy person public"),
    VERB_("like|likes|liked|liking", "aimer", "state",
          "food drink clothes animal sight vehicle text"),

    // verbs without one
    VERB_("sleep|sleeps|slept|sleeping", "dormir|dors|dors|dort|dormons|dorment|dormi", "idle",
          "living"),
    VERB_("run|runs|ran|running", "courir|cours|cours|court|courons|courent|couru", "idle hobby",
          "person crosser"),
    VERB_("play|plays|played|playing", "jouer", "idle hobby", "living"),
    VERB_("sing|sings|sang|singing", "chanter", "idle hobby", "person singer"),
    VERB_("dance|dances|danced|dancing", "danser", "idle hobby", "person"),
    VERB_("cry|cries|cried|crying", "pleurer", "idle", "person"),
    VERB_("wait|waits|waited|waiting",
          "attendre|attends|attends|attend|attendons|attendent|attendu", "idle", "living"),

    // verbs that patterns name themselves; English "be" has forms of its own, in grammar.c
    VERB_("be|is|was|being", "être|suis|es|est|sommes|sont|été|ét", "", ""),
    VERB_("have|has|had|having", "avoir|ai|as|a|avons|ont|eu", "", ""),
    VERB_("go|goes|went|going", "aller|vais|vas|va|allons|vont|allé", "", ""),
    VERB_("do|does|did|doing", "faire|fais|fais|fait|faisons|font|fait", "", ""),
    VERB_("want|wants|wanted|wanting", "vouloir|veux|veux|veut|voulons|veulent|voulu", "", ""),
    VERB_("can|can|could|", "pouvoir|peux|peux|peut|pouvons|peuvent|pu", "", ""),
    VERB_("must|must|must|", "devoir|dois|dois|doit|devons|doivent|dû", "", ""),
    VERB_("need|needs|needed|needing", "avoir|ai|as|a|avons|ont|eu", "", ""),
    VERB_("give|gives|gave|giving", "donner", "", ""),
    VERB_("think|thinks|thought|thinking", "penser", "", ""),
    VERB_("get|gets|got|getting", "lever|lève|lèves|lève|levons|lèvent|levé", "", ""),
    VERB_("talk|talks|talked|talking", "parler", "", ""),

    // small words
    PREP("in", "dans", "room"),
    PREP("on", "sur", "surface"),
    PREP("under", "sous", "surface shade"),
    PREP("behind", "derrière", "landmark"),
    PREP("in front of", "devant", "landmark"),
    PREP("near", "près de", "landmark water"),
    PREP("next to", "à côté de", "landmark furniture"),
    SUBJECT_M("I", "je", "pronoun someone", JE),
    SUBJECT_M("you", "tu", "pronoun someone other", TU),
    SUBJECT_M("he", "il", "pronoun someone other third one adult", IL),
    SUBJECT_F("she", "elle", "pronoun someone other third one adult", IL),
    SUBJECT_M("we", "nous", "pronoun someone", NOUS),
    SUBJECT_M("they", "ils", "pronoun someone other third", ILS),
    OWNER_("my", "mon", JE),
    OWNER_("your", "ton", TU),
    OWNER_("his", "son", IL),
    OWNER_("her", "son", IL),
    OWNER_("our", "notre", NOUS),
    OWNER_("their", "leur", ILS),
    NAME_M("Paul"),
    NAME_M("Simon"),
    NAME_F("Marie"),
    NAME_F("Anna"),
    NUMBER_("two", "deux", "number price"),
    NUMBER_("three", "trois", "number price"),
    NUMBER_("four", "quatre", "number price"),
    NUMBER_("five", "cinq", "number price"),
    NUMBER_("six", "six", "number price hour age"),
    NUMBER_("seven", "sept", "hour age"),
    NUMBER_("eight", "*huit", "hour age"),
    NUMBER_("nine", "neuf", "hour age"),
    NUMBER_("ten", "dix", "number price hour age"),
    NUMBER_("twenty", "vingt", "price age"),
    PHRASE_("yesterday", "hier", "past", ""),
    PHRASE_("this morning", "ce matin", "past", ""),
    PHRASE_("last night", "hier soir", "past", ""),
    PHRASE_("last week", "la semaine dernière", "past", ""),
    PHRASE_("tomorrow", "demain", "future", ""),
    PHRASE_("tonight", "ce soir", "future", ""),
    PHRASE_("next week", "la semaine prochaine", "future", ""),
    PHRASE_("now", "maintenant", "now", ""),
    PHRASE_("today", "aujourd'hui", "now", ""),
    PHRASE_("every day", "tous les jours", "habit", ""),
    PHRASE_("every morning", "tous les matins", "habit", ""),
    PHRASE_("hungry", "faim", "craving", "food milky"),
    PHRASE_("thirsty", "soif", "craving", "drink"),
    PHRASE_("cold", "fait froid|faisait froid", "weather", "covered"),
    PHRASE_("hot", "fait chaud|faisait chaud", "weather", "airy"),
    PHRASE_("raining", "pleut|pleuvait", "weather", "covered"),
    PHRASE_("snowing", "neige|neigeait", "weather", "covered"),
    PHRASE_("windy", "y a du vent|y avait du vent", "weather", "covered"),
    PHRASE_("Paris", "Paris", "town", ""),
    PHRASE_("London", "Londres", "town", ""),
    PHRASE_("Rome", "Rome", "town", ""),
    PHRASE_("Madrid", "Madrid", "town", ""),
    PHRASE_("by train", "en train", "means covered", ""),
    PHRASE_("by bus", "en bus", "means covered", ""),
    PHRASE_("by car", "en voiture", "means covered", ""),
    PHRASE_("by bike", "à vélo", "means airy", ""),
    PHRASE_("on foot", "à pied", "means airy", ""),
};

const size_t lexicon_size = sizeof lexicon / sizeof lexicon[0];
