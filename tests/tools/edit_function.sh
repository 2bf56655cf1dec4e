#!/bin/sh
# Edits one function of a C source in place, as a known mistake or a planted fault does.
#
# usage: edit_function.sh SOURCE FUNCTION SED-COMMAND
#
# The command sees the lines of that function alone. It fails, and says why, if there is no such
# function, if sed cannot read the command, or if nothing changes: an edit that no longer applies is
# an error, not a mistake fewer.
source=$1 function=$2 edit=$3
say() {
    echo "$*" >&2
    exit 1
}
range=$(awk -v name="$function" '
    !first && $0 ~ "^[A-Za-z_].*[^A-Za-z0-9_]" name "\\(" && $0 !~ /;[ \t]*$/ { first = FNR }
    first && /^}/ { print first "," FNR; exit }' "$source")
[ -n "$range" ] || say "there is no function $function"
sed -e "$range{" -e "$edit" -e '}' "$source" >"$source.new" || say "sed cannot read: $edit"
! cmp -s "$source.new" "$source" || say "no longer applies to $function: $edit"
mv "$source.new" "$source"
