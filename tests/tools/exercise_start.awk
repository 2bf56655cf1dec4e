# Makes of a module the file in which a learner writes it anew.
#
#   awk -v intro=TEXT -f exercise_start.awk MODULE.h MODULE.c
#
# Every function that the header names is written with its contract above it, which the header has,
# and the body `NOT_BEGUN();`. Static functions are left out: whoever needs a helper writes one.
# Everything else stays: includes, types, constants, and each function whose comment begins with
# "Given." (it allocates, records, or draws, and is not what the piece teaches).
#
# It relies on the layout clang-format enforces: a function begins in the first column and its body
# ends with a brace there.

# The name of the function that a definition or a prototype is of.
function name_of(text) {
    sub(/\(.*/, "", text)
    sub(/.*[^A-Za-z0-9_]/, "", text)
    return text
}

# ---------------------------------------------------------------------------- the header
NR == FNR {
    if ($0 ~ /^\/\*/) { comment = ""; in_comment = 1 }
    if (in_comment) {
        comment = comment $0 "\n"
        if ($0 ~ /\*\//) in_comment = 0
        next
    }
    if ($0 ~ /^[A-Za-z_]/ && $0 !~ /^(typedef|struct|enum|union|static)/ && ($0 ~ /\(/ || prototype != "")) prototype = prototype $0
    else if (prototype != "") prototype = prototype " " $0
    if (prototype != "" && prototype ~ /;/) {
        contract[name_of(prototype)] = comment
        named[name_of(prototype)] = 1
        comment = ""
        prototype = ""
    }
    if ($0 == "") comment = ""
    next
}

# ---------------------------------------------------------------------------- the module
FNR == 1 {
    printf "%s", intro
    comment = ""
    in_comment = 0
}

# A chunk is a run of lines up to an empty one outside a function, with the comment that leads it.
function flush_comment() {
    if (comment != "") emit(comment)
    comment = ""
}
function emit(text) {
    printf "%s", text
    blank = 0
}

# In a function's body that is not wanted.
skipping {
    if ($0 ~ /^}/) skipping = 0
    next
}
# In one that is kept.
copying {
    emit($0 "\n")
    if ($0 ~ /^}/) copying = 0
    next
}
# The lines of a signature, which may be several.
signature != "" {
    signature = signature $0 "\n"
    if ($0 ~ /\{[ \t]*(\/\/.*)?$/) begin_function()
    next
}
/^\/\*/ && !in_comment {
    flush_comment()
    in_comment = 1
}
in_comment {
    comment = comment $0 "\n"
    if ($0 ~ /\*\//) in_comment = 0
    next
}
/^[A-Za-z_].*\(/ && !/;[ \t]*(\/\/.*)?$/ && !/=/ && !/^(typedef|struct|enum|union)/ {
    signature = $0 "\n"
    if ($0 ~ /\{[ \t]*(\/\/.*)?$/) begin_function()
    next
}
{
    flush_comment()
    if ($0 == "" && blank) next # where a function was left out
    emit($0 "\n")
    blank = $0 == ""
}

function begin_function(    name) {
    name = name_of(signature)
    if (comment ~ /^\/\* Given\./) {
        flush_comment()
        emit(signature)
        copying = signature !~ /}[ \t\n]*$/
    } else if (name in named) {
        if (contract[name] != "") emit(contract[name])
        emit(signature "    NOT_BEGUN();\n}\n")
        skipping = 1
    } else {
        skipping = 1
    }
    comment = ""
    signature = ""
}
