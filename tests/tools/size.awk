# Per folder of the C files given: lines of code and of comment, their ratio, the functions' median
# and longest length, and the longest file. It relies on the layout clang-format enforces: a function
# starts in the first column and ends with a brace there.

function folder_of(file) {
    if (!sub(/\/[^\/]*$/, "", file)) return "."
    return file
}

# The smallest length that at least half of the folder's functions do not exceed.
function median(folder,    length_, seen) {
    seen = 0
    for (length_ = 1; length_ <= longest[folder]; length_++) {
        seen += lengths[folder, length_]
        if (2 * seen >= functions[folder]) return length_
    }
    return 0
}

FNR == 1 {
    folder = folder_of(FILENAME)
    if (!(folder in files)) order[++folders] = folder
    files[folder]++
    inside = 0
    start = 0
}

{
    lines[FILENAME]++
    if (lines[FILENAME] > file_longest[folder]) {
        file_longest[folder] = lines[FILENAME]
        file_name[folder] = FILENAME
    }
    text = $0
    gsub(/^[ \t]+|[ \t]+$/, "", text)
    if (text == "") next
    if (inside) { # in a block comment
        comments[folder]++
        if (text ~ /\*\//) inside = 0
        next
    }
    if (text ~ /^\/\//) {
        comments[folder]++
        next
    }
    if (text ~ /^\/\*/) {
        comments[folder]++
        if (text !~ /\*\//) inside = 1
        next
    }
    code[folder]++
    if (text ~ /\/[\/*]/) trailing[folder]++
}

# A line that starts in the first column may open a function; its body ends at the next "}" there.
/^[A-Za-z_]/ && !/;/ && !/^(typedef|struct|enum|union)/ && /\(/ { start = FNR }
/^(typedef|struct|enum|union)/ && !/\(/ { start = 0 }
/^};?/ || /^} / {
    if (start && /^}$/) {
        span = FNR - start + 1
        lengths[folder, span]++
        functions[folder]++
        if (span > longest[folder]) longest[folder] = span
    }
    start = 0
}

function row(name, f, c, m, t, med, lon, biggest) {
    printf "%-28s %5d %6d %8d %9d %6.2f %7s %7s  %s\n", name, f, c, m, t, c ? m / c : 0, med, lon, biggest
}

END {
    printf "%-28s %5s %6s %8s %9s %6s %7s %7s  %s\n", "folder", "files", "code", "comment", "+trailing", \
        "ratio", "median", "longest", "longest file"
    for (i = 1; i <= folders; i++) {
        folder = order[i]
        row(folder, files[folder], code[folder], comments[folder], trailing[folder], median(folder), \
            longest[folder] + 0, file_longest[folder] " " file_name[folder])
        all_files += files[folder]
        all_code += code[folder]
        all_comments += comments[folder]
        all_trailing += trailing[folder]
    }
    row("all", all_files, all_code, all_comments, all_trailing, "", "", "")
}
