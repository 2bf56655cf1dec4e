#!/bin/sh
# Photographs the explorer's page, a view in each picture, with a browser that has no window.
#
# usage: explorer_figures.sh PAGE FOLDER       writes FOLDER/explorer_machine.png and so on
# BROWSER=... names another browser than chromium; without any it says so and writes nothing.
set -eu
page=$1 folder=$2
case $page in /*) ;; *) page=$(pwd)/$page ;; esac
browser=${BROWSER:-}
for candidate in chromium chromium-browser google-chrome; do
    if [ -z "$browser" ] && command -v $candidate >/dev/null; then browser=$candidate; fi
done
if [ -z "$browser" ]; then
    echo 'explorer_figures: no browser here; the pictures stay as they are' >&2
    exit 0
fi
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
trap 'exit 1' HUP INT TERM

# photograph NAME WIDTHxHEIGHT STATE [OPTION...]: the state as it stands in the page's address.
photograph() {
    name=$1 size=$2 state=$3
    shift 3
    "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$profile" \
        --window-size="${size%x*},${size#*x}" --virtual-time-budget=20000 "$@" \
        --screenshot="$folder/explorer_$name.png" "file://$page#$state" >/dev/null 2>&1
}
wide=src2=The+animal+didn%27t+cross+the+street+because+it+was+too+wide.
mkdir -p "$folder"
photograph machine 1180x1100 'view=machine&module=transformer.encoder.layers.0.norm1&row=9'
photograph attention 1180x1210 "view=attention&kind=cross&largest=1&$wide"
photograph lines 1180x960 "view=attention&kind=encoder&layer=1&picture=lines&rows=9&head=0&$wide"
photograph heads 1180x830 'view=attention&kind=decoder&picture=all'
photograph row 1180x1010 'view=row&kind=encoder&layer=1&head=0&row=9'
photograph decoding 1180x1330 'view=decoding&beam=3'
photograph teacher 1180x1000 'view=decoding&tgt=L%27animal+n%27a+pas+travers%C3%A9+la+rue+parce+qu%27elle+%C3%A9tait+trop+large.'
photograph switches 1180x1280 "view=attention&kind=decoder&layer=1&picture=all&off=decoder.0.self_attn+decoder.1.self_attn&$wide"
photograph learning 1240x960 'view=learning&layer=0'
photograph phone 390x1300 'view=machine' --blink-settings=preferredColorScheme=0
