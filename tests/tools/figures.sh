#!/bin/sh
# Runs the given programs, which draw into build/figures/, and renews every picture committed as
# NN_x/figures/NAME.png or common/figures/NAME.png from build/figures/NAME.png. Says which of them
# changed. NAME_time.png shows seconds, which are never the same twice: it is left as it is unless
# TIMES=yes is set.
set -eu
cd "$(dirname "$0")/../.."
logs=build/figures/logs
mkdir -p "$logs"
for program; do
    chapter=$(basename "$(dirname "$program")")
    log=$logs/${chapter%%_*}_$(basename "$program").log
    echo "figures: $program"
    # The translator is trained to the end, however slow the machine, and always with as many
    # threads: how gradients are summed decides their last digits, and in the end the picture.
    case $program in
    */06_training/demo) set -- --minutes 60 --threads 2 ;;
    *) set -- ;;
    esac
    "$program" "$@" >"$log" 2>&1 </dev/null || {
        cat "$log"
        echo "figures: $program failed" >&2
        exit 1
    }
    # Its last step writes a page, which a browser photographs; without one those pictures stay.
    case $program in
    */06_training/demo) sh tests/tools/explorer_figures.sh build/06_training/attention.html build/figures ;;
    esac
done

changed=0 same=0 lost=0 kept=0
for picture in common/figures/*.png [0-9][0-9]_*/figures/*.png; do
    [ -e "$picture" ] || continue # no picture is committed yet
    fresh=build/figures/$(basename "$picture")
    if [ ! -e "$fresh" ] && [ "${picture#*/explorer_}" != "$picture" ]; then
        echo "figures: no browser drew $picture anew" >&2
    elif [ ! -e "$fresh" ]; then
        echo "figures: nothing draws $picture any more" >&2
        lost=$((lost + 1))
    elif cmp -s "$fresh" "$picture"; then
        same=$((same + 1))
    elif [ "${picture%_time.png}" != "$picture" ] && [ "${TIMES:-no}" != yes ]; then
        kept=$((kept + 1))
    else
        cp "$fresh" "$picture"
        echo "figures: changed $picture"
        changed=$((changed + 1))
    fi
done
echo "figures: $changed changed, $same the same, $kept of times kept (TIMES=yes renews), $lost not drawn"
[ $lost -eq 0 ]
