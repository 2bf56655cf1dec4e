# Breaks one term of a backward function.
#
#   awk -v also=NAMES -f mutate.awk FILE                lists the mutations that FILE allows:
#                                                       NUMBER TAB LINE TAB FUNCTION TAB CHANGE
#   awk -v also=NAMES -v pick=NUMBER -f mutate.awk FILE    prints the file with that one made
#
# A mutation is made in the body of a function that computes gradients, which its name tells: it
# ends with _backward or _go_back, or is one of NAMES. It is made only to the arithmetic of values:
# never to an index, a size, a pointer, or the head of an if or a loop.
#   a + b -> a - b    a * b, b dropped    a / b -> a * b    a > b -> a <= b
#   x += e -> x -= e, x = e (forgets to add), and nothing     x *= e -> nothing
#   gemm(...), matmul(...): the call dropped, alpha negated, beta made 0 (forgets to add)
#   any other call that stands as a statement: dropped
# Elsewhere in the file the same is done to statements that write a gradient (dx, dw, ...), because
# the fused loss computes its gradients on the way forward.
#
# It relies on the spacing of clang-format: a binary operator has a space on either side.

function is_backward(name) {
    return name ~ /_backward$|_go_back$/ || index(" " also " ", " " name " ")
}

# Calls whose arguments are values; the arguments of every other call are arrays and sizes.
function is_value_call(name) {
    return name == "" || name ~ /^(return|pow|exp|log|tanh|sqrt|real_exp|real)$/
}

# The text of a line without comments, strings and preprocessor lines, of the same length.
function blank(text, from, n,    spaces) {
    spaces = sprintf("%" n "s", "")
    return substr(text, 1, from - 1) spaces substr(text, from + n)
}
function code_of(text,    at) {
    if (in_comment) {
        at = index(text, "*/")
        if (!at) return blank(text, 1, length(text))
        in_comment = 0
        text = blank(text, 1, at + 1)
    }
    if (text ~ /^#/ || text ~ /\\$/) return blank(text, 1, length(text))
    while (match(text, /"([^"\\]|\\.)*"|'[^']*'/)) text = blank(text, RSTART, RLENGTH)
    while (match(text, /\/\*([^*]|\*[^\/])*\*\//)) text = blank(text, RSTART, RLENGTH)
    if (at = index(text, "//")) text = blank(text, at, length(text) - at + 1)
    if (at = index(text, "/*")) {
        text = blank(text, at, length(text) - at + 1)
        in_comment = 1
    }
    return text
}

{
    source = source $0 "\n"
    code = code code_of($0) "\n"
}

# Two edits make a mutation: at `at`, `n` characters become `new`; at `end`, if any, `tail` goes in.
function mutation(at, n, new, end, tail, change) {
    count++
    if (pick == "") {
        gsub(/[ \n]+/, " ", change)
        printf "%d\t%d\t%s\t%s\n", count, line, function_name, change
    } else if (count == pick) {
        if (!end) end = at + n
        printf "%s", substr(source, 1, at - 1) new substr(source, at + n, end - at - n) tail substr(source, end)
    }
}

# The place of the ";" that ends the statement.
function statement_end(at,    c, depth) {
    for (depth = 0; at <= size; at++) {
        c = substr(code, at, 1)
        if (c == "(" || c == "[" || c == "{") depth++
        if (c == ")" || c == "]" || c == "}") depth--
        if (c == ";" && depth <= 0) return at
    }
    return size
}

function statement_from(at) { return substr(code, at, statement_end(at) - at + 1) }

# Arguments of the call whose "(" is at `at`: argument[i] starts at start[i].
function arguments(at,    c, depth, from, n) {
    n = 0
    depth = 1
    for (from = ++at; at <= size && depth > 0; at++) {
        c = substr(code, at, 1)
        if (c == "(" || c == "[") depth++
        if (c == ")" || c == "]") depth--
        if ((c == "," && depth == 1) || depth == 0) {
            n++
            argument[n] = substr(code, from, at - from)
            match(argument[n], /^[ \n]*/)
            start[n] = from + RLENGTH
            argument[n] = substr(argument[n], RLENGTH + 1)
            from = at + 1
        }
    }
    return n
}

# Does the statement at `at` write a gradient?
function writes_gradient(at,    text) {
    text = statement_from(at)
    if (text ~ /^(gemm|matmul[a-z_]*)\(/) {
        arguments(at + index(text, "(") - 1)
        return argument[text ~ /^gemm/ ? 12 : 1] ~ /^(d[a-z]|dweight|dbias|dlogits)([^a-z_]|$)/
    }
    return text ~ /^(d[a-z]|dweight|dbias|dlogits)\[[^=]*\] [-+]=/
}

# A call that stands as a statement; `at` is where its name begins and `open` its parenthesis.
function statement_call(name, at, open,    text, beta) {
    if (name ~ /^(REQUIRE|arena_release)$/) return
    text = statement_from(at)
    mutation(at, 0, "if (0) ", 0, "", "drop " text)
    if (name !~ /^(gemm|matmul|matmul_transpose_[ab])$/) return
    arguments(open)
    if (name == "gemm")
        mutation(start[6], length(argument[6]), "-(" argument[6] ")", 0, "", "alpha " argument[6] " -> -(" argument[6] ") in " text)
    beta = name == "gemm" ? 11 : 2
    if (argument[beta] != "0")
        mutation(start[beta], length(argument[beta]), "0", 0, "", "beta " argument[beta] " -> 0 in " text)
}

# The operator that stands between spaces (or before a line's end) at `at`, or "".
function operator_at(at,    text) {
    text = substr(code, at, 4)
    if (substr(text, 3) ~ /^[ \n]/) return substr(text, 2, 1)
    return text ~ /[ \n]$/ ? substr(text, 2, 2) : ""
}

function operator(at,    op, end, text, rest) {
    op = operator_at(at)
    at++
    end = statement_end(at)
    text = substr(code, statement, end - statement + 1)
    rest = substr(code, at + length(op) + 1, end - at - length(op) - 1)
    if (op == "+=" || op == "-=") {
        mutation(at, 2, op == "+=" ? "-=" : "+=", 0, "", "flip " op " in " text)
        mutation(at, 2, "=", 0, "", "forget to add in " text)
        mutation(at, 2, op " 0 * (", end, ")", "drop " text)
    } else if (op == "*=") {
        mutation(at, 2, "+= 0 * (", end, ")", "drop " text)
    } else if (op == "+" || op == "-") {
        mutation(at, 1, op == "+" ? "-" : "+", 0, "", "flip " op " before " rest " in " text)
    } else if (op == "*") {
        mutation(at, 1, "+ 0 *", 0, "", "drop factor " rest " in " text)
    } else if (op == "/") {
        mutation(at, 1, "*", 0, "", "multiply by " rest " in " text)
    } else if (op == ">") {
        mutation(at, 1, "<=", 0, "", "turn > in " text)
    }
}

# The identifier that ends just before the parenthesis at `at`; only keywords have a space between.
function word_before(at,    text) {
    text = substr(code, at > 60 ? at - 60 : 1, at > 60 ? 60 : at - 1)
    if (text ~ /[^A-Za-z_0-9](if|for|while|switch|return) $/) sub(/ $/, "", text)
    return match(text, /[A-Za-z_0-9]+$/) ? substr(text, RSTART) : ""
}

function begin_statement(at,    text) {
    match(substr(code, at), /^[ \n]*/)
    statement = at + RLENGTH
    text = statement_from(statement)
    # Sizes, counters and pointers are declared, not computed with.
    arithmetic = text !~ /^(static )?(const )?(size_t|int|bool|char|[A-Za-z]+ \*)/
    wanted = is_backward(function_name) || writes_gradient(statement)
}

END {
    size = length(code)
    line = 1
    depth = 0  # of braces
    frames = 0 # of parentheses and brackets; closed[i] tells whether values are computed inside
    head = ""  # what stands before the "{" of a function
    for (at = 1; at <= size; at++) {
        c = substr(code, at, 1)
        if (c == "\n") line++
        if (depth == 0) {
            if (c == "{") {
                function_name = ""
                if (match(head, /[A-Za-z_0-9]+\(/)) function_name = substr(head, RSTART, RLENGTH - 1)
                depth = 1
                begin_statement(at + 1)
            }
            head = c == "{" || c == "}" || c == ";" ? "" : head c
            continue
        }
        if (c == "(" || c == "[") {
            word = c == "(" ? word_before(at) : "["
            frame[++frames] = word
            closed[frames] = closed[frames - 1] || !is_value_call(word)
            if (c == "(" && frames == 1 && at - length(word) == statement && wanted && word !~ /^(if|for|while|switch|return)$/)
                statement_call(word, statement, at)
        } else if (c == ")" || c == "]") {
            word = frame[frames--]
            if (frames == 0 && word ~ /^(if|for|while|switch)$/) begin_statement(at + 1)
        } else if (c == "{" || c == "}") {
            depth += c == "{" ? 1 : -1
            begin_statement(at + 1)
        } else if (c == ";" && frames == 0) {
            begin_statement(at + 1)
        } else if (c == " " && wanted && arithmetic && !closed[frames]) {
            operator(at)
        }
    }
}
