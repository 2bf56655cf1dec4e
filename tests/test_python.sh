#!/bin/sh
# Holds PyTorch against our programs, both ways, where python3 has PyTorch: tests/python_model.py
# says what is compared. PYTHON=... chooses another interpreter. Reports in Check's form, for tests/tools/run.sh.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD_DIR:-build}
for python in "${PYTHON:-python3}" /usr/bin/python3 none; do # the first may be a project's own
    if "$python" -c 'import torch' 2>/dev/null; then break; fi
done
if [ "$python" = none ]; then
    echo "skipped: PyTorch on our model file (${PYTHON:-python3} has no torch)"
    exit 0
fi
for program in 05_encoder_decoder/demo 05_encoder_decoder/forward 06_training/train \
    06_training/translate; do
    if [ ! -x "$build/$program" ]; then
        echo "skipped: PyTorch on our model file ($build/$program is not built)"
        exit 0
    fi
done
out=$build/test_python
rm -rf "$out"
mkdir -p "$out"
if ! "$build/06_training/train" --no-plots --d-model 48 --heads 4 --ff 80 --layers 2 --vocab 400 \
    --steps 150 --lr 0.004 --warmup 30 --out "$out/run" >"$out/log" 2>&1; then
    cat "$out/log"
    echo '0%: Checks: 1, Failures: 1, Errors: 0'
    exit 1
fi
exec "$python" tests/python_model.py "$build" "$out"
