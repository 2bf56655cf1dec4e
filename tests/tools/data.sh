#!/bin/sh
# Fetches the public data sets into FOLDER (build/data), in the layout of their repositories, each
# file checked against its SHA-256 before it takes its name; what is there already and right is not
# fetched again. Multi30k is also unpacked: FOLDER/multi30k/train.en and so on.
#
# usage: data.sh FOLDER [MIRROR]
# MIRROR is a folder or URL that holds the same layout. A file that it lacks is named and left out;
# from the public origin, every file must come.
set -eu
cd "$(dirname "$0")/../.."
folder=$1
mirror=${2:-}
mirror=${mirror%/}
github=https://raw.githubusercontent.com
multi30k=$github/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a
shakespeare=$github/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e

sum() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum "$1" | cut -d ' ' -f 1
    else
        shasum -a 256 "$1" | cut -d ' ' -f 1
    fi
}

# copy SOURCE FILE: SOURCE is a URL or a path.
copy() {
    case $1 in
    *://*)
        if command -v curl >/dev/null 2>&1; then
            curl -fsSL --retry 3 --connect-timeout 30 -o "$2" "$1"
        elif command -v wget >/dev/null 2>&1; then
            wget -q -T 30 -O "$2" "$1"
        else
            echo 'data: neither curl nor wget is here; install one (Debian: apt-get install curl ca-certificates)' >&2
            exit 1
        fi
        ;;
    *) [ -f "$1" ] && cat "$1" >"$2" ;; # not cp: a read-only mirror gives plain files
    esac
}

missed=0 present=0
# fetch PATH_UNDER_FOLDER SHA256 ORIGIN
fetch() {
    file=$folder/$1
    if [ -f "$file" ] && [ "$(sum "$file")" = "$2" ]; then
        echo "data: have     $1"
        present=$((present + 1))
        return
    fi
    mkdir -p "$(dirname "$file")"
    source=$3
    [ -z "$mirror" ] || source=$mirror/$1
    if ! copy "$source" "$file.part"; then
        rm -f "$file.part"
        if [ -z "$mirror" ]; then
            echo "data: cannot fetch $source" >&2
            exit 1
        fi
        echo "data: warning: the mirror has no $1" >&2
        missed=$((missed + 1))
        return
    fi
    found=$(sum "$file.part")
    if [ "$found" != "$2" ]; then
        rm -f "$file.part"
        echo "data: $source has SHA-256 $found, expected $2; nothing of it is kept" >&2
        exit 1
    fi
    mv "$file.part" "$file"
    echo "data: fetched  $1"
    present=$((present + 1))
}

# fetch_multi30k NAME SHA256: fetched as NAME.gz, unpacked as NAME.
fetch_multi30k() {
    path=data/task1/raw/$1.gz
    fetch "multi30k/$path" "$2" "$multi30k/$path"
    [ -f "$folder/multi30k/$path" ] || return 0
    gunzip -c "$folder/multi30k/$path" >"$folder/multi30k/$1.part"
    mv "$folder/multi30k/$1.part" "$folder/multi30k/$1"
}

fetch_multi30k train.en d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f
fetch_multi30k train.de 726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6
fetch_multi30k train.fr 622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c
fetch_multi30k val.en 14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28
fetch_multi30k val.de f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a
fetch_multi30k val.fr ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9
fetch_multi30k test_2016_flickr.en 611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9
fetch_multi30k test_2016_flickr.de 9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8
fetch_multi30k test_2016_flickr.fr 6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90
fetch tinyshakespeare/input.txt 86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed \
    "$shakespeare/data/tinyshakespeare/input.txt"

if [ $present -eq 0 ]; then
    echo "data: $mirror holds none of the files" >&2
    exit 1
fi
echo "data: in $folder; Multi30k is for research and education, not for commercial use"
if [ $missed -gt 0 ]; then echo "data: the mirror lacks $missed files" >&2; fi
