# The learning path beside the programs, for path.sh: reads path.txt, then programs, and prints.
#
#   mode=path                    all stops, for a terminal of 80 columns
#   mode=at at=karpathy          one stop, section by section; status 2 if there is none of that name
#   mode=markdown                the README's part
#   mode=check                   what is wrong, one line each, and `see TAB where TAB file` for what is to be there
#   mode=numbers                 `command TAB where TAB number` for each number that a comparison is said to print
#
# path.txt explains its own form. A program says where it belongs in the comment it begins with:
#
#    * Beside: karpathy 1:02:00; alammar Self-Attention in Detail - what one compares, in a few
#    * words. Beside: rundown --trace - with options, one begins anew for each text.
#
# that is: stop, section, options, text. Each begins a line of its own; what follows continues it, up to
# an empty line or the end of the comment.

function trimmed(text) { gsub(/^[ \t]+|[ \t]+$/, "", text); return text }
# As many columns as the text takes: the bytes that continue a character of UTF-8 do not count.
function width(text) { gsub(/[\200-\277]/, "", text); return length(text) }
function fault(text) { if (mode == "check") print text }
function where_now() { return FILENAME ":" FNR ": " }

# ---------------------------------------------------------------------------- reading path.txt
# Things are numbered in the order of the file: heading h, stop s, section p ("place") of a stop. A stop
# has a place of its own as well, for answers where it has no sections.
function new_place(stop, key, label) {
    places++
    place_stop[places] = stop
    place_key[places] = key
    place_label[places] = label
    place_at[places] = where_now()
    place_of[stop, key] = places
    return places
}
# What stands before " - " in the text, and what behind it.
function before_dash(text) { return index(text, " - ") ? substr(text, 1, index(text, " - ") - 1) : text }
function after_dash(text) { return index(text, " - ") ? substr(text, index(text, " - ") + 3) : "" }
function take_line(text,    word, rest, bar) {
    word = text
    sub(/ .*/, "", word)
    rest = trimmed(substr(text, length(word) + 1))
    if (word == "==") {
        headings++
        heading[headings] = rest
        place = 0
    } else if (!headings) {
        intro = intro (intro == "" || new_paragraph ? "\n" : " ") text
    } else if (text ~ /^\[[a-z0-9-]+\] /) {
        stops++
        stop_name[stops] = substr(word, 2, length(word) - 2)
        stop_title[stops] = rest
        stop_heading[stops] = headings
        if (stop_name[stops] in stop_of) fault(where_now() "a second stop " stop_name[stops])
        stop_of[stop_name[stops]] = stops
        place = new_place(stops, "", "")
        own[stops] = place
    } else if (!place) {
        fault(where_now() "before the first stop: " text)
    } else if (word == "link") {
        link[stops] = rest
    } else if (word == "also") {
        also[stops, ++n_also[stops]] = rest
    } else if (word == "kind") {
        kind[stops] = rest
    } else if (word == "gives") {
        gives[stops] = rest
    } else if (word == "-") {
        bar = index(rest, " | ")
        if (place_of[stops, bar ? substr(rest, 1, bar - 1) : rest]) fault(where_now() "a second section " rest)
        place = new_place(stops, bar ? substr(rest, 1, bar - 1) : rest, bar ? substr(rest, bar + 3) : "")
        sections[stops]++
    } else if (word == "see" || word == "run") {
        answer(place, word, before_dash(rest), after_dash(rest), where_now())
    } else if (word == "none") {
        nothing[place] = rest
    } else {
        fault(where_now() "no word of path.txt: " word)
    }
    new_paragraph = 0
}
function take_pending() { if (pending != "") take_line(pending); pending = "" }
reading == "path" && /^#/ { next }
reading == "path" && /^[ \t]*$/ { take_pending(); new_paragraph = 1; next }
# A line that is indented by four columns or more goes on with the one before.
reading == "path" && /^    / { pending = pending " " trimmed($0); next }
reading == "path" { take_pending(); pending = trimmed($0); next }

# ---------------------------------------------------------------------------- reading the programs
FNR == 1 {
    take_pending() # what path.txt ended in
    end_entry()
    program = FILENAME
    in_head = /^\/\*/
    found[++programs] = program
    attached[program] = 0
}
in_head {
    line = $0
    last_of_head = sub(/\*\/.*/, "", line)
    sub(/^ ?\/?\*/, "", line)
    line = trimmed(line)
    if (line ~ /^Beside: /) {
        end_entry()
        entry = substr(line, 9)
        entry_at = where_now()
    } else if (line == "") {
        end_entry()
    } else if (entry != "") {
        entry = entry " " line
    }
    if (last_of_head) {
        end_entry()
        in_head = 0
    }
}
function end_entry(    text, count, part, i) {
    if (entry == "") return
    text = after_dash(entry)
    if (text == "") fault(entry_at "it does not say what to compare: " entry)
    count = split(before_dash(entry), part, ";")
    for (i = 1; i <= count; i++) attach(trimmed(part[i]), text)
    entry = ""
}
function attach(what, text,    name, key, options, stop) {
    options = ""
    if (match(what, / --/)) {
        options = substr(what, RSTART + 1)
        what = substr(what, 1, RSTART - 1)
    }
    name = what
    sub(/ .*/, "", name)
    key = trimmed(substr(what, length(name) + 1))
    stop = stop_of[name]
    if (!stop) { fault(entry_at "no stop is called " name); return }
    if (!place_of[stop, key]) { fault(entry_at name " has no section " (key == "" ? "(it is to be named)" : key)); return }
    if (key == "" && sections[stop]) { fault(entry_at "which section of " name "?"); return }
    # A demo has several steps.
    if (seen[program, place_of[stop, key], options, program ~ /\/demo\.c$/ ? text : ""]++) { fault(entry_at "a second time beside " name " " key); return }
    attached[program]++
    answer(place_of[stop, key], "program", command(program, options), text, entry_at)
}
# command("03_self_attention/compare/raimi.c") = "make 03/raimi"; a demo is its chapter.
function number_of(file) { return file ~ /^common\// ? "00" : substr(file, 1, 2) }
function command(file, options,    name) {
    name = file
    sub(/.*\//, "", name)
    sub(/\.c$/, "", name)
    return "make " number_of(file) (name == "demo" ? "" : "/" name) (options == "" ? "" : " ARGS='" options "'")
}

# ---------------------------------------------------------------------------- answers
function answer(p, sort, what, text, at) {
    n_answers[p]++
    answer_sort[p, n_answers[p]] = sort
    answer_what[p, n_answers[p]] = what
    answer_text[p, n_answers[p]] = text
    answer_at[p, n_answers[p]] = at
    if (sort == "program") chapters_of[place_stop[p], substr(what, 6, 2) + 0] = 1
    if (sort == "see" && what ~ /^(common|[0-9][0-9]_)/) chapters_of[place_stop[p], number_of(what) + 0] = 1
}
# What one is told at a place: programs in the order of the chapters (as they were read), behind what is to
# be run instead of one, before what is to be looked at.
function ordered(p, list,    i, n) {
    for (i = 1; i <= n_answers[p]; i++) if (answer_sort[p, i] == "run") list[++n] = i
    for (i = 1; i <= n_answers[p]; i++) if (answer_sort[p, i] == "program") list[++n] = i
    for (i = 1; i <= n_answers[p]; i++) if (answer_sort[p, i] == "see") list[++n] = i
    return n + 0
}
function list_of_chapters(stop, form,    c, n, text) {
    for (c = 0; c <= 9; c++) if ((stop, c) in chapters_of) {
        text = text (n++ ? ", " : "") (form == "markdown" ? "[" c "](" readme[c] ")" : c)
    }
    return n == 0 ? "" : (n == 1 ? "chapter " : "chapters ") text
}

# ---------------------------------------------------------------------------- for a terminal
# The text from column `indent` on, in lines of at most 80; the first goes on where `begun` ends.
function print_wrapped(begun, indent, text,    count, word, i, line) {
    line = begun
    while (width(line) < indent) line = line " "
    count = split(text, word, " ")
    for (i = 1; i <= count; i++) {
        if (line ~ /[^ ]$/ && width(line) + 1 + width(word[i]) > 80) {
            print line
            line = sprintf("%" indent "s", "")
        }
        line = line (line ~ /[^ ]$/ ? " " : "") word[i]
    }
    print line
}
function strong(text) { return bold ? "\033[1m" text "\033[0m" : text }
function plain(text) { gsub(/`/, "", text); return text }
function print_answers(p,    list, n, i, k, what) {
    n = ordered(p, list)
    for (k = 1; k <= n; k++) {
        i = list[k]
        what = "    " (answer_sort[p, i] == "see" ? "see " : "") answer_what[p, i]
        if (width(what) > 28) { print what; what = "" }
        print_wrapped(what, 30, plain(answer_text[p, i]))
    }
    if (n == 0 && nothing[p] != "") print_wrapped("    -", 30, plain(nothing[p]))
}
function print_stop(s,    line, chapters, i, part) {
    chapters = list_of_chapters(s, "plain")
    line = stop_title[s] " (" kind[s] (chapters == "" ? "" : "; " chapters) ")"
    print_wrapped("[" stop_name[s] "]", 4, line)
    if (link[s] != "") print "    " link[s]
    for (i = 1; i <= n_also[s]; i++) {
        split(also[s, i], part, " [|] ")
        print "    " part[2] " (" part[1] ")"
    }
    print_wrapped("", 4, plain(gives[s]))
}
function print_sections(s,    p) {
    for (p = own[s]; p <= places && place_stop[p] == s; p++) {
        if (p != own[s]) {
            print ""
            print strong(place_key[p]) (place_label[p] == "" ? "" : "  " place_label[p])
        }
        print_answers(p)
    }
}
function print_intro(    count, paragraph, i) {
    count = split(substr(intro, 2), paragraph, "\n")
    for (i = 1; i <= count; i++) { print_wrapped("", 0, plain(paragraph[i])); print "" }
}
function print_path(    s, h) {
    print_intro()
    for (s = 1; s <= stops; s++) {
        if (stop_heading[s] != h) { h = stop_heading[s]; print strong("== " heading[h]) "\n" }
        print_stop(s)
        if (sections[s] > fold_beyond) {
            print_answers(own[s])
            print_wrapped("    make path AT=" stop_name[s], 30, sections[s] " sections, each with what to run")
        } else if (sections[s]) {
            print_sections(s)
        } else {
            print_answers(own[s])
        }
        print ""
    }
    print "One of them section by section: make path AT=karpathy"
}
function print_at(    s, names) {
    s = stop_of[at]
    if (s) { print_stop(s); print_sections(s); return 0 }
    for (s = 1; s <= stops; s++) names = names (s > 1 ? ", " : "") stop_name[s]
    print_wrapped("path: AT=" at ": no stop has this name; they are", 4, names)
    return 2
}

# ---------------------------------------------------------------------------- for the README
# Outside of backquotes the letters that Markdown would take for its own are its own no more.
function markdown(text,    count, part, i, out) {
    count = split(text, part, "`")
    for (i = 1; i <= count; i++) {
        if (i % 2) {
            gsub(/[*|<[]/, "\\\\&", part[i])
            out = out part[i]
        } else {
            gsub(/\|/, "\\|", part[i])
            out = out "`" part[i] "`"
        }
    }
    return out
}
# see 03_x/figures/a.png: a link, called by its picture or its chapter.
function markdown_place(what,    name) {
    name = what
    if (what ~ /\.png$/) sub(/.*\//, "", name)
    else if (what ~ /README\.md/) name = "chapter " (number_of(what) + 0)
    return "[" markdown(name) "](" what ")"
}
function markdown_answer(p, i,    what) {
    what = answer_sort[p, i] == "see" ? markdown_place(answer_what[p, i]) : "`" answer_what[p, i] "`"
    return what (answer_text[p, i] == "" ? "" : ": " markdown(answer_text[p, i]))
}
# All answers of a place in one cell.
function markdown_answers(p,    list, n, k, cell) {
    n = ordered(p, list)
    cell = n ? "" : markdown(nothing[p])
    for (k = 1; k <= n; k++) cell = cell (k > 1 ? "<br>" : "") markdown_answer(p, list[k])
    return cell
}
function markdown_name(p) {
    return "**" markdown(place_key[p]) "**" (place_label[p] == "" ? "" : " " markdown(place_label[p]))
}
function markdown_table(s,    p) {
    print "<details><summary>" sections[s] " sections, each with what to run (<code>make path AT=" stop_name[s] "</code>)</summary>\n"
    print "| section | run, and compare |\n| --- | --- |"
    for (p = own[s] + 1; p <= places && place_stop[p] == s; p++)
        print "| " markdown_name(p) " | " markdown_answers(p) " |"
    print "\n</details>"
}
function markdown_also(s,    i, part, text) {
    for (i = 1; i <= n_also[s]; i++) {
        split(also[s, i], part, " [|] ")
        text = text (i == 1 ? "; " : ", ") "[" part[1] "](" part[2] ")"
    }
    return text
}
function markdown_stop(s,    p, list, n, k) {
    if (sections[s] > fold_beyond) {
        markdown_table(s)
        return
    }
    for (p = own[s] + 1; p <= places && place_stop[p] == s; p++) print "- " markdown_name(p) ": " markdown_answers(p)
    if (sections[s]) return
    n = ordered(own[s], list)
    for (k = 1; k <= n; k++) print "- " markdown_answer(own[s], list[k])
    if (n == 0) print "- " markdown(nothing[own[s]])
}
function print_markdown(    s, h, chapters, count, paragraph, i) {
    count = split(substr(intro, 2), paragraph, "\n")
    for (i = 1; i <= count; i++) print paragraph[i] "\n"
    for (s = 1; s <= stops; s++) {
        if (stop_heading[s] != h) { h = stop_heading[s]; print "### " heading[h] "\n" }
        chapters = list_of_chapters(s, "markdown")
        print "**" (link[s] == "" ? markdown(stop_title[s]) : "[" markdown(stop_title[s]) "](" link[s] ")") "** (" \
            kind[s] markdown_also(s) (chapters == "" ? "" : "; " chapters) "). " markdown(gives[s])
        print ""
        markdown_stop(s)
        print ""
    }
}

# ---------------------------------------------------------------------------- checking
# The commands that a text names, one by one: is there such a program, exercise or target?
function check_commands(text, at,    rest, target) {
    rest = text
    while (match(rest, /`make [A-Za-z0-9_\/-]+/)) {
        target = substr(rest, RSTART + 6, RLENGTH - 6)
        rest = substr(rest, RSTART + RLENGTH)
        if (!(target in targets)) fault(at "there is no make " target)
    }
}
function check_step(p, i,    text, step) {
    text = answer_text[p, i]
    if (answer_sort[p, i] != "program" || text !~ /^steps? [0-9]+/) return
    step = text
    sub(/^steps? /, "", step)
    if (step + 0 > steps_of[substr(answer_what[p, i], 6, 2)] + 0)
        fault(answer_at[p, i] answer_what[p, i] " has no step " (step + 0))
}
function check_place(p,    s, i, name) {
    s = place_stop[p]
    name = stop_name[s] (place_key[p] == "" ? "" : " " place_key[p])
    if (!n_answers[p] && nothing[p] == "" && !(p == own[s] && sections[s]))
        fault(place_at[p] name ": nothing to run, nothing to see, and no word why")
    check_commands(nothing[p], place_at[p])
    for (i = 1; i <= n_answers[p]; i++) {
        check_commands("`" answer_what[p, i] "` " answer_text[p, i], answer_at[p, i])
        check_step(p, i)
        if (answer_sort[p, i] == "run" && answer_what[p, i] in command_of_a_program)
            fault(answer_at[p, i] "that program says itself where it belongs: " answer_what[p, i])
        if (answer_sort[p, i] == "see") print "see\t" answer_at[p, i] "\t" answer_what[p, i]
    }
}
# The numbers that are held against a program's output: decimals, and whole ones of four digits or more.
function numbers(    p, i, rest, number) {
    for (p = 1; p <= places; p++) for (i = 1; i <= n_answers[p]; i++) {
        rest = answer_text[p, i]
        gsub(/`[^`]*`/, "", rest)
        while (answer_at[p, i] ~ /\/compare\// && match(rest, /[0-9]+(,[0-9][0-9][0-9])*(\.[0-9]+)?/)) {
            number = substr(rest, RSTART, RLENGTH)
            rest = substr(rest, RSTART + RLENGTH)
            gsub(/,/, "", number)
            if (number ~ /\./ || length(number) > 3) print answer_what[p, i] "\t" answer_at[p, i] "\t" number
        }
    }
}
function check(    s, p, i) {
    for (i = 1; i <= programs; i++) {
        command_of_a_program[command(found[i], "")] = 1
        if (!attached[found[i]])
            fault(found[i] ":1: beside which stop of the path? Its first comment is to end in a line" \
                " `Beside: STOP SECTION - what to compare`; the stops: make path")
    }
    for (s = 1; s <= stops; s++) {
        if (kind[s] == "" || gives[s] == "") fault(place_at[own[s]] stop_name[s] ": no kind, or not what it gives")
        check_commands(gives[s], place_at[own[s]])
    }
    for (p = 1; p <= places; p++) check_place(p)
    check_commands(intro, "the introduction: ")
}

BEGIN {
    fold_beyond = 4
    count = split(known_targets, part, " ")
    for (i = 1; i <= count; i++) targets[part[i]] = 1
    count = split(known_steps, part, " ") # 03=9: chapter 3's demo has nine steps
    for (i = 1; i <= count; i++) { split(part[i], pair, "="); steps_of[pair[1]] = pair[2] }
    count = split(readmes, part, " ")
    for (i = 1; i <= count; i++) readme[number_of(part[i]) + 0] = part[i]
}
END {
    take_pending()
    end_entry()
    if (mode == "path") print_path()
    else if (mode == "markdown") print_markdown()
    else if (mode == "check") check()
    else if (mode == "numbers") numbers()
    else exit print_at()
}
