#include "01_embeddings/corpus/lexicon.h"

/* One row per word; M and F are the gender in French. */
#define NOUN_M(en, fr, tags)                                                                       \
    { NOUN, en, fr, "noun " tags, ANYONE, false, false, IL }
#define NOUN_F(en, fr, tags)                                                                       \
    { NOUN, en, fr, "noun " tags, ANYONE, true, false, IL }
#define WORN_M(en, fr, tags)                                                                       \
    { NOUN, en, fr, "noun " tags, "single", false, false, IL }
#define WORN_F(en, fr, tags, wearer)                                                               \
    { NOUN, en, fr, "noun " tags, wearer, true, false, IL }
#define ANIMAL_M(en, fr, tags, eats)                                                               \
    { NOUN, en, fr, ANIMAL tags, ANYONE "watery " eats, false, false, IL }
#define ANIMAL_F(en, fr, tags, eats)                                                               \
    { NOUN, en, fr, ANIMAL tags, ANYONE "watery " eats, true, false, IL }
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
    { NAME, name, name, NAMED, "", false, false, IL }
#define NAME_F(name)                                                                               \
    { NAME, name, name, NAMED "lady", "", true, false, IL }
#define OWNER_(en, fr, tags, who)                                                                  \
    { OWNER, en, fr, "owner " tags, "", false, false, who }
#define NUMBER_(en, fr, tags)                                                                      \
    { NUMBER, en, fr, tags, "", false, false, IL }
#define PHRASE_(en, fr, tags, fits)                                                                \
    { PHRASE, en, fr, tags, fits, false, false, IL }

/* Tags that come together. "thing" is whatever one can see, "goods" what one can buy, "small" what
 * one can hold and hide, "lost" what one loses, "liked" what one has an opinion of, "many" what has
 * a plural worth using. The rest says what goes with which verb or adjective.
 *
 * "someone" can be any subject, "other" is not the speaker, "third" neither the speaker nor the
 * listener, "one" third and single, "adult" the latter grown up, "buyer" old enough to buy a car.
 *
 * Whose a thing can be is in the fits of the thing: a dog is anyone's, one person's ("single") or
 * several people's; a coat is one person's, so that nobody says "our coat"; a dress is a "lady"'s,
 * and "I" and "you" may be one. */
#define ANYONE "single several "
#define PERSON "person someone single other third one living "
#define ADULT PERSON "adult grown buyer "
#define NAMED "name someone buyer single other third one adult "
#define KIN "kin single "
#define BEAST "noun animal living grown smallish furry drawn many "
#define ANIMAL BEAST "species "
#define GOODS "goods thing "
#define FOOD "food " GOODS
#define DRINK "drink mass " GOODS
#define THING GOODS "small owned sized aged made many "
#define CLOTHES GOODS "clothes small lost liked owned painted washed aged made costly many "
#define FURNITURE GOODS "furniture surface liked costly load sized aged made many "
#define VEHICLE "vehicle thing liked sized aged made painted many "
#define BUILDING "building landmark thing liked sized aged made many "

const Word lexicon[] = {
    // people
    NOUN_M("man|men", "homme", ADULT "folk many"),
    NOUN_F("woman|women", "femme", ADULT "lady folk many fair"),
    NOUN_M("boy", "garçon", PERSON "folk many"),
    NOUN_F("girl", "fille", PERSON "lady folk many fair"),
    NOUN_M("child|children", "enfant", PERSON "folk many"),
    NOUN_M("king", "roi", ADULT),
    NOUN_F("queen", "reine", ADULT "lady fair"),
    NOUN_M("baker", "boulanger", ADULT),
    NOUN_F("nurse", "infirmière", ADULT "lady"),
    NOUN_M("farmer", "fermier", ADULT),
    NOUN_F("actress", "actrice", ADULT "lady fair"),
    NOUN_F("mother", "mère", KIN "lady"),
    NOUN_M("father", "père", KIN),
    NOUN_F("sister", "sœur", KIN "lady sibling"),
    NOUN_M("brother", "frère", KIN "sibling"),
    NOUN_F("aunt", "tante", KIN "lady"),
    NOUN_M("uncle", "oncle", KIN),
    NOUN_M("friend", "ami", KIN "sibling"),

    // animals, with what they eat and drink
    {NOUN, "animal", "animal", BEAST "droll crosser scary",
     ANYONE "watery meaty crumbs greens milky", false, false, IL},
    ANIMAL_M("cat", "chat", "droll scary noisy crosser pet owned little", "meaty milky"),
    ANIMAL_M("dog", "chien", "droll scary noisy sized crosser pet owned little washed",
             "meaty milky"),
    ANIMAL_M("horse", "cheval", "scary noisy sized crosser pet owned fair washed", "greens"),
    ANIMAL_F("cow", "vache", "droll scary noisy sized crosser", "greens"),
    ANIMAL_F("mouse|mice", "souris", "droll scary crosser little", "crumbs milky"),
    ANIMAL_M("bird", "oiseau", "droll scary noisy fair singer", "crumbs"),
    ANIMAL_M("rabbit", "lapin", "droll crosser pet owned little", "greens"),
    ANIMAL_F("goat", "chèvre", "droll noisy crosser pet owned", "greens milky"),
    ANIMAL_M("fox", "renard", "scary crosser fair", "meaty"),
    ANIMAL_M("donkey", "âne", "droll noisy sized crosser pet owned", "greens"),
    ANIMAL_M("wolf|wolves", "loup", "scary noisy sized crosser", "meaty"),
    ANIMAL_F("hen", "poule", "droll noisy crosser pet owned", "crumbs"),

    // food and drink
    NOUN_F("apple", "pomme", FOOD "fruit greens sweetish cuts smallish many"),
    NOUN_F("orange", "orange", FOOD "fruit sweetish cuts smallish many"),
    NOUN_F("carrot", "carotte", FOOD "greens freshly cuts smallish many"),
    NOUN_M("cake", "gâteau", FOOD "menu crumbs sweetish cuts smallish many"),
    NOUN_M("egg", "œuf", FOOD "freshly smallish many"),
    NOUN_M("bread", "pain", FOOD "menu mass crumbs freshly cuts"),
    NOUN_M("cheese", "fromage", FOOD "menu mass crumbs cuts"),
    NOUN_F("meat", "viande", FOOD "menu liked mass meaty freshly cuts served"),
    NOUN_M("fish|fish", "poisson", FOOD "menu liked mass meaty freshly served"),
    NOUN_F("soup", "soupe", FOOD "menu liked mass served"),
    NOUN_F("salad", "salade", FOOD "menu mass greens freshly"),
    NOUN_M("milk", "lait", DRINK "served milky sweetish freshly"),
    NOUN_F("water", "eau", DRINK "served watery freshly"),
    NOUN_M("tea", "thé", DRINK "menu liked served sweetish"),
    NOUN_M("coffee", "café", DRINK "menu liked served sweetish"),
    NOUN_F("lemonade", "limonade", DRINK "menu liked chilled sweetish freshly"),

    // things
    NOUN_M("book", "livre", THING "lost text tale written longish packed shuts"),
    NOUN_F("letter", "lettre", "thing small lost many text tale written longish opens"),
    NOUN_M("newspaper", "journal", GOODS "small lost many text aged"),
    NOUN_F("story|stories", "histoire", "text tale written longish many"),
    NOUN_F("key", "clé", THING "lost"),
    NOUN_F("lamp", "lampe", THING "liked costly machine fragile packed load"),
    NOUN_F("clock", "horloge", THING "liked costly machine fragile packed load"),
    NOUN_M("umbrella", "parapluie", THING "liked lost painted packed"),
    NOUN_M("toy", "jouet",
           GOODS "small lost liked owned smallish aged made many machine fragile packed"),
    NOUN_M("gift", "cadeau", THING "lost opens packed"),
    WORN_F("ring", "bague", GOODS "small lost liked owned smallish aged made many costly fair",
           "single"),
    NOUN_F("flower", "fleur", GOODS "small many fair blooming drawn"),
    NOUN_F("cup", "tasse", THING "fragile washed filled"),
    NOUN_M("glass", "verre", THING "fragile washed filled"),
    NOUN_F("plate", "assiette", THING "fragile washed filled"),
    NOUN_F("bottle", "bouteille", THING "fragile washed filled opens"),
    NOUN_F("box", "boîte", THING "holder load filled opens shuts painted"),
    NOUN_M("bag", "sac", THING "lost liked costly holder load filled opens shuts painted washed"),
    NOUN_F("suitcase", "valise", THING "lost liked costly holder load filled opens shuts"),
    NOUN_M("basket", "panier", THING "holder load filled"),
    NOUN_F("chair", "chaise", FURNITURE "comfy painted bulky"),
    NOUN_F("table", "table", FURNITURE "washed cleaned bulky"),
    NOUN_M("bed", "lit", FURNITURE "comfy bulky"),
    NOUN_F("door", "porte", "thing many opens shuts washed painted"),
    NOUN_F("window", "fenêtre", "thing many opens shuts cleaned fragile sized"),
    NOUN_M("tree", "arbre", "thing many tree landmark shade fair sized drawn"),
    NOUN_F("guitar", "guitare", GOODS "instrument liked costly owned many packed load aged made"),
    NOUN_M("piano", "piano", GOODS "instrument liked costly many load sized aged made bulky"),
    NOUN_M("violin", "violon", GOODS "instrument liked costly owned many packed aged made"),

    // clothes
    WORN_M("hat", "chapeau", CLOTHES "fair sized packed"),
    WORN_F("dress", "robe", CLOTHES "fair longish packed", "lady"),
    WORN_F("shirt", "chemise", CLOTHES, "single"),
    WORN_F("jacket", "veste", CLOTHES "packed", "single"),
    WORN_M("coat", "manteau", CLOTHES "longish packed"),
    WORN_F("scarf|scarves", "écharpe", CLOTHES "fair longish", "single"),
    WORN_M("sweater", "pull", CLOTHES "packed"),

    // vehicles
    NOUN_F("car", "voiture",
           VEHICLE "parked private goods costly owned machine washed fast spacious"),
    NOUN_M("bike", "vélo", VEHICLE "parked private goods costly owned machine washed fast bulky"),
    NOUN_M("bus|buses", "bus", VEHICLE "parked public filled"),
    NOUN_M("train", "train", VEHICLE "public filled fast"),
    NOUN_M("boat", "bateau", VEHICLE "private goods costly owned machine drawn fast spacious"),
    NOUN_M("plane", "avion", VEHICLE "public drawn fast"),

    // places
    NOUN_F("house", "maison", BUILDING "home comfy cleaned drawn fair painted quietly dark"),
    NOUN_F("school", "école", BUILDING "goal indoor work"),
    NOUN_F("church", "église", BUILDING "goal indoor sight fair dark quietly drawn"),
    NOUN_M("hospital", "hôpital", BUILDING "goal indoor stay work"),
    NOUN_M("hotel", "hôtel", BUILDING "goal indoor stay work costly comfy quietly"),
    NOUN_F("station", "gare", BUILDING "goal indoor work"),
    NOUN_M("museum", "musée", BUILDING "goal indoor sight hours work"),
    NOUN_F("library|libraries", "bibliothèque", BUILDING "goal indoor sight hours work quietly"),
    NOUN_M("restaurant", "restaurant", BUILDING "goal indoor hours work costly quietly"),
    NOUN_M("castle", "château", BUILDING "home sight stay fair dark drawn"),
    NOUN_M("market", "marché", "thing liked many goal hours work sized"),
    NOUN_M("garden", "jardin", "thing liked many room outdoor sight fair quietly sized"),
    NOUN_F("kitchen", "cuisine", "thing liked many room cleaned sized dark spacious"),
    NOUN_M("park", "parc", "thing liked many room outdoor goal sunny fair quietly sized"),
    NOUN_F("forest", "forêt", "thing many room outdoor dark fair quietly sized"),
    NOUN_F("beach", "plage", "thing liked many goal sunny stay fair quietly sized"),
    NOUN_M("village", "village", "thing liked many sight home fair quietly sized aged"),
    NOUN_F("city|cities", "ville", "thing liked many sight home fair sized aged"),
    NOUN_F("island", "île", "thing liked many sight fair quietly sized"),

    // what can be crossed
    NOUN_F("street", "rue", "thing many way widely risky longish quietly dark"),
    NOUN_F("road", "route", "thing many way widely risky longish"),
    NOUN_F("river", "rivière", "thing many way water widely deepish risky longish"),
    NOUN_M("bridge", "pont", "thing many way narrowly risky longish drawn aged"),
    NOUN_M("field", "champ", "thing many way widely room outdoor sized"),
    NOUN_M("stream", "ruisseau", "thing many way water deepish risky"),
    NOUN_M("lake", "lac", "thing many way water deepish widely fair sized"),

    // adjectives before their noun; "adj" may follow "is", "look" may describe anything in passing
    BEFORE("big|bigger", "grand", "adj look size large fault", "sized"),
    BEFORE("small|smaller", "petit", "adj look size tiny fault blemish", "sized smallish"),
    BEFORE("old|older", "vieux|vieille|vieil", "adj look era lasting grade more fault blemish",
           "aged grown"),
    BEFORE("new", "nouveau|nouvelle|nouvel", "look era novel", "made"),
    BEFORE("young|younger", "jeune", "adj look era lasting more weary", "living"),
    BEFORE("beautiful", "beau|belle|bel", "adj look lasting grade more merit", "fair clothes"),
    BEFORE("pretty", "joli", "adj look lasting merit", "fair clothes"),
    BEFORE("good", "bon|bonne", "adj merit", "food drink text"),
    BEFORE("long|longer", "long|longue", "adj more fault blemish", "longish"),
    // and after it
    AFTER("red", "rouge", "adj look colour", "painted blooming"),
    AFTER("green", "vert", "adj look colour", "painted"),
    AFTER("blue", "bleu", "adj look colour", "painted blooming"),
    AFTER("yellow", "jaune", "adj look colour", "painted blooming"),
    AFTER("white", "blanc|blanche", "adj look colour", "painted furry blooming"),
    AFTER("black", "noir", "adj look colour", "painted furry"),
    AFTER("tired", "fatigué", "adj mood odd weary", "living"),
    AFTER("sick", "malade", "adj mood odd weary", "living"),
    AFTER("lazy", "paresseux|paresseuse", "adj odd weary", "living"),
    AFTER("scared", "effrayé", "adj odd weary", "living"),
    AFTER("happy", "heureux|heureuse", "adj mood odd", "living"),
    AFTER("sad", "triste", "adj mood odd", "living tale"),
    AFTER("strong", "fort", "adj lasting", "living"),
    AFTER("intelligent", "intelligent", "adj lasting grade more", "living"),
    AFTER("famous", "célèbre", "adj lasting odd", "person sight"),
    AFTER("heavy|heavier", "lourd", "adj odd more fault", "load"),
    AFTER("empty", "vide", "adj odd condition", "filled"),
    AFTER("full", "plein", "adj odd condition", "filled"),
    AFTER("clean", "propre", "adj", "washed cleaned"),
    AFTER("dirty", "sale", "adj odd fault blemish soiled", "washed cleaned"),
    AFTER("broken", "cassé", "adj odd condition", "fragile machine"),
    AFTER("expensive", "cher|chère", "adj odd more fault blemish", "costly"),
    AFTER("fast|faster", "rapide", "adj more merit", "fast"),
    AFTER("slow|slower", "lent", "adj odd more fault", "vehicle"),
    AFTER("hot", "chaud", "adj odd fault condition", "served"),
    AFTER("cold", "froid", "adj odd fault blemish condition", "served chilled water"),
    AFTER("fresh", "frais|fraîche", "adj merit taste", "freshly"),
    AFTER("sweet", "sucré", "adj merit taste", "sweetish"),
    AFTER("delicious", "délicieux|délicieuse", "adj merit taste", "food sweetish"),
    AFTER("interesting", "intéressant", "adj more merit", "text sight"),
    AFTER("funny|funnier", "drôle", "adj grade more merit", "tale droll"),
    AFTER("wide|wider", "large", "adj passage", "widely"),
    AFTER("deep|deeper", "profond", "adj passage", "deepish"),
    AFTER("dangerous", "dangereux|dangereuse", "adj odd passage", "risky"),
    AFTER("narrow", "étroit", "adj passage", "narrowly"),
    AFTER("quiet", "calme", "adj odd merit", "quietly"),
    AFTER("dark", "sombre", "adj odd fault", "dark"),
    AFTER("comfortable", "confortable", "adj more merit", "comfy"),
    // professions: French says "ma sœur est infirmière", without an article
    AFTER("baker", "boulanger|boulangère", "job", ""),
    AFTER("nurse", "infirmier|infirmière", "job", ""),
    AFTER("farmer", "fermier|fermière", "job", ""),
    AFTER("singer", "chanteur|chanteuse", "job", ""),
    AFTER("teacher", "professeur|professeur", "job", ""),

    // verbs with an object. "act" can be going on, "task" goes on for a while, "deed" can be done,
    // "event" is a deed of a day and "feat" one to be remembered longer, "plan" can be intended,
    // "order" asked for; what one gets ("get") one can use ("use"); "asked": the answer is a thing.
    // One can "compose" a letter, but not an old one. "read" and "cut" are no deeds: their past
    // looks like their present.
    VERB_("eat|eats|ate|eating", "manger", "act asked deed event plan use consume", "food"),
    VERB_("drink|drinks|drank|drinking", "boire|bois|bois|boit|buvons|boivent|bu",
          "act asked deed event plan use consume", "drink"),
    VERB_("read|reads|read|reading", "lire|lis|lis|lit|lisons|lisent|lu", "act task asked plan use",
          "text"),
    VERB_("write|writes|wrote|writing", "écrire|écris|écris|écrit|écrivons|écrivent|écrit",
          "task asked compose event feat", "written"),
    VERB_("open|opens|opened|opening", "ouvrir|ouvre|ouvres|ouvre|ouvrons|ouvrent|ouvert",
          "act deed event plan order use", "opens"),
    VERB_("close|closes|closed|closing", "fermer", "act deed event plan order", "shuts"),
    VERB_("wash|washes|washed|washing", "laver", "act task asked deed event plan order use",
          "washed"),
    VERB_("cut|cuts|cut|cutting", "couper", "act asked plan order use", "cuts"),
    VERB_("wear|wears|wore|wearing", "porter", "asked", ""),
    VERB_("draw|draws|drew|drawing", "dessiner", "act task asked deed event feat plan", "drawn"),
    VERB_("repair|repairs|repaired|repairing", "réparer",
          "act task asked deed event feat plan order use", "machine"),
    VERB_("buy|buys|bought|buying", "acheter|achète|achètes|achète|achetons|achètent|acheté",
          "act task asked deed event feat plan get", "goods"),
    VERB_("sell|sells|sold|selling", "vendre|vends|vends|vend|vendons|vendent|vendu",
          "act task asked deed event feat plan", "costly"),
    VERB_("hide|hides|hid|hiding", "cacher", "act asked deed event plan use", "small"),
    VERB_("look for|looks for|looked for|looking for", "chercher", "act asked", "small animal"),
    VERB_("find|finds|found|finding", "trouver", "deed event feat get", "small pet"),
    VERB_("lose|loses|lost|losing", "perdre|perds|perds|perd|perdons|perdent|perdu",
          "deed event feat", "lost"),
    VERB_("break|breaks|broke|breaking", "casser", "deed event feat", "fragile"),
    VERB_("visit|visits|visited|visiting", "visiter", "act task deed event feat plan", "sight"),
    VERB_("help|helps|helped|helping", "aider", "act task deed event feat plan meet", "person"),
    VERB_("watch|watches|watched|watching", "regarder", "act asked hunt meet",
          "animal public person"),
    VERB_("follow|follows|followed|following", "suivre|suis|suis|suit|suivons|suivent|suivi",
          "act deed event hunt meet", "animal person"),
    VERB_("see|sees|saw|seeing", "voir|vois|vois|voit|voyons|voient|vu", "state deed event",
          "animal person thing"),
    VERB_("hear|hears|heard|hearing", "entendre|entends|entends|entend|entendons|entendent|entendu",
          "state", "noisy person public"),
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
    SUBJECT_M("I", "je", "pronoun someone buyer single lady", JE),
    SUBJECT_M("you", "tu", "pronoun someone buyer single lady other", TU),
    SUBJECT_M("he", "il", "pronoun someone buyer single other third one adult", IL),
    SUBJECT_F("she", "elle", "pronoun someone buyer single lady other third one adult", IL),
    SUBJECT_M("we", "nous", "pronoun someone buyer several", NOUS),
    SUBJECT_M("they", "ils", "pronoun someone buyer several other third", ILS),
    OWNER_("my", "mon", "mine single lady", JE),
    OWNER_("your", "ton", "mine single lady", TU),
    OWNER_("his", "son", "single", IL),
    OWNER_("her", "son", "single lady", IL),
    OWNER_("our", "notre", "several", NOUS),
    OWNER_("their", "leur", "several", ILS),
    NAME_M("Paul"),
    NAME_M("Simon"),
    NAME_F("Marie"),
    NAME_F("Anna"),
    NUMBER_("two", "deux", "number cheap"),
    NUMBER_("three", "trois", "number cheap"),
    NUMBER_("four", "quatre", "number cheap"),
    NUMBER_("five", "cinq", "number cheap"),
    NUMBER_("six", "six", "number hour age"),
    NUMBER_("seven", "sept", "hour age"),
    NUMBER_("eight", "*huit", "hour age"),
    NUMBER_("nine", "neuf", "hour age"),
    NUMBER_("ten", "dix", "number dear hour age"),
    NUMBER_("twenty", "vingt", "dear age"),
    NUMBER_("thirty", "trente", "dear age"),
    NUMBER_("fifty", "cinquante", "dear"),
    PHRASE_("yesterday", "hier", "past", "event"),
    PHRASE_("this morning", "ce matin", "past", "event"),
    PHRASE_("last night", "hier soir", "past", "event"),
    PHRASE_("last week", "la semaine dernière", "past", "feat"),
    PHRASE_("tomorrow", "demain", "future", "plan compose"),
    PHRASE_("tonight", "ce soir", "future", "plan compose"),
    PHRASE_("next week", "la semaine prochaine", "future", "feat"),
    PHRASE_("now", "maintenant", "now", ""),
    PHRASE_("today", "aujourd'hui", "now", ""),
    PHRASE_("every day", "tous les jours", "habit", ""),
    PHRASE_("every morning", "tous les matins", "habit", ""),
    PHRASE_("hungry", "faim", "craving", "food milky"),
    PHRASE_("thirsty", "soif", "craving", "drink"),
    PHRASE_("cold", "fait froid|faisait froid", "weather bad", "covered indoor"),
    PHRASE_("hot", "fait chaud|faisait chaud", "weather", "airy sunny"),
    PHRASE_("raining", "pleut|pleuvait", "weather bad", "covered indoor"),
    PHRASE_("snowing", "neige|neigeait", "weather bad", "covered indoor"),
    PHRASE_("windy", "y a du vent|y avait du vent", "weather bad", "covered indoor"),
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
