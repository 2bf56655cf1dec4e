# Builds, runs, tests and measures everything; `make help` lists the targets.
#
# Nothing is listed here: chapters, modules, programs and tests are found by their names.
#   common/*.c common/*/*.c    the library every program links; common/demo.c is chapter 0's program
#   NN_x/y.c with NN_x/y.h     a module of chapter NN: chapters NN and later may use it. Folders
#   NN_x/room/y.c              within a chapter are rooms for more of them
#   NN_x/y.c without a header  a program, build/NN_x/y;  NN_x/room/y.c and NN_x/compare/y.c likewise
#   NN_x/room/y_mpi.c          what takes the place of y.c with MPI=1
#   NN_x/lab/y.c               what only programs and tests may use, of chapters NN and later
#   NN_x/exercises/check_y.c   the cases of an exercise on module y, y.mistakes what goes wrong in it;
#                              exercises/y.c is the learner's and never touched
#   NN_x/exercises/3.fault     a line of a module to be changed: a program to be found out
#   tests/test_y.c             a Check program, build/tests/test_y;  tests/test_y.sh a script
#   tests/y.c with tests/y.h   code shared by the test programs
#   tests/fuzz/fuzz_y.c        a fuzz target, build/tests/fuzz/fuzz_y, with corpus/y and perhaps y.dict
#
# Variables to set on the command line:
#   MODE=release|f64|asan      float and fast | double, for gradient checks | ASan and UBSan
#        fuzz|tsan             libFuzzer | thread sanitizer: what the targets of that name use
#        coverage|valgrind     counts what is run | what valgrind understands: likewise
#   CC=gcc|clang   OPT=-O3   ARCH=-march=native   EXTRA='more flags'   BUILD=build   V=1
#   MINE='03/attention ...'    the learner's pieces in the place of ours, in build/mine; MINE=1: all
#                              that pass; one that fails is never put to use
#   MPI=1                      for several machines, in build/mpi; needs Open MPI
#   ANSWER=word                what is wrong with 06/fault/3
#   AT=karpathy                whose sections `path` prints;  README=1: it writes them into README.md
#   ARGS='...'                 options for what 00 ... 06, NN/NAME, compare, quiz and bench run
#   SECONDS=60  KILLS=1000     how long each target is fuzzed, how often a training is killed

ifeq ($(filter output-sync,$(.FEATURES)),)
$(error GNU make 4.0 or newer is needed; this is $(MAKE_VERSION) (on macOS: brew install make, then gmake))
endif

MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL),0) # a plain `make` uses every core; -jN on the command line overrides it
MAKEFLAGS += -j$(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
endif
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

# `:=` because only the command line shall set these, not a stray environment variable.
MODE  := release
OPT   := -O3
ARCH  := -march=native
EXTRA :=
MINE  :=
MPI   :=
ANSWER :=
PIECES_FROM :=
PASSED :=
CHOSEN :=
BUILD := build$(if $(MINE),/mine)$(if $(MPI),/mpi)
ARGS  :=
AT    :=
README :=
V     :=
DATA_MIRROR :=
SECONDS := 60
KILLS := 1000
WITH  :=
ifeq ($(origin CC),default)
CC := $(if $(shell command -v gcc 2>/dev/null),gcc,cc)
endif
unexport CPATH C_INCLUDE_PATH LIBRARY_PATH # what is built shall not depend on these either
MODES := release f64 asan fuzz tsan coverage valgrind
ifeq ($(filter $(MODE),$(MODES)),)
$(error MODE=$(MODE) is none of $(MODES))
endif

GOALS := $(or $(MAKECMDGOALS),all)

# `setup` changes what the rest of this file finds, and `clean` what it has built. When either comes
# with other goals, it runs first and then make is started again for the others.
FIRST := $(filter setup clean,$(GOALS))
REST  := $(filter-out setup clean,$(GOALS))
ifneq ($(and $(FIRST),$(REST)),)
.PHONY: again $(REST)
$(REST): again ; @:
again: $(FIRST)
	+@$(MAKE) $(REST)
else

# Only pieces that pass are put to use, and only trying tells: make is started again with their names.
# Copies from PIECES_FROM have been judged by whoever gives them.
ifneq ($(if $(PASSED)$(PIECES_FROM),,$(MINE)),)
.PHONY: again $(GOALS)
$(GOALS): again ; @:
again:
	+@$(MAKE) -s BUILD=build MODE=release MINE= CHOSEN='$(filter-out 1,$(MINE))' chosen
	+@$(MAKE) PASSED=1 MINE="$$(cat build/mine/passing)" $(GOALS)
else

# --------------------------------------------------------------------------- what there is
CHAPTERS   := $(sort $(patsubst %/,%,$(wildcard [0-9][0-9]_*/)))
COMPILER   := $(if $(findstring clang,$(notdir $(CC))),/$(notdir $(firstword $(CC))))
OUT        := $(BUILD)$(COMPILER)$(if $(filter-out release,$(MODE)),/$(MODE))
headed      = $(strip $(foreach c,$1,$(if $(wildcard $(c:.c=.h)),$c)))
OBJ        := $(OUT)/objects#  apart from the programs, whose names are theirs alone
objects     = $(patsubst %.c,$(OBJ)/%.o,$1)
number      = $(if $(filter common,$1),00,$(firstword $(subst _, ,$1)))
rooms       = $(filter-out %/compare %/lab %/exercises %/figures,$(patsubst %/,%,$(sort $(wildcard $1/*/))))
sources_of  = $(filter-out %_mpi.c,$(sort $(foreach d,$1 $(call rooms,$1),$(wildcard $d/*.c))))
# Chapter 0 is the library itself, whose files need no header of their own: demo and quiz by name.
programs_of = $(if $(filter common,$1),$(wildcard $1/demo.c $1/quiz.c),$(filter-out $(call headed,$(call sources_of,$1)),$(call sources_of,$1)))
modules_of  = $(filter-out $(call programs_of,$1),$(call sources_of,$1))
lab_of      = $(sort $(wildcard $1/lab/*.c))
compare_of  = $(sort $(wildcard $1/compare/*.c))
# Where the sources stand, in the order of the chapters: for the formatter and the counting of lines.
FOLDERS    := $(foreach d,common $(CHAPTERS),$d $(call rooms,$d) $(foreach f,compare lab,$(wildcard $d/$f))) tests $(wildcard tests/fuzz)
SOURCES    :=# every .c file, added to below
PROGRAMS   :=# every program of the chapters
COMPARES   :=# those under compare/
LIBRARIES  :=# latest chapter first, so that each finds what it uses further on
LAB_LIBS   :=# the labs', likewise; they come before LIBRARIES
MODULES    :=# the sources of LIBRARIES
LABS       :=# the sources of LAB_LIBS
LAYERS     :=# see below

# One chapter, in order: $1 its folder, $2 its number, $3 its modules, $4 its programs' sources. Its
# library, its lab, its programs, and two empty programs that are never run: `layer`, linked with
# every module of this chapter and the earlier ones, and `lab/layer`, with their labs as well. A
# module that calls a later chapter or a lab, or a lab that calls a later one, has nothing to link
# with, so it breaks the build even where no program meets it.
define chapter
SOURCES   += $3 $4 $(call lab_of,$1) $(call compare_of,$1)
MODULES   += $3
LABS      += $(call lab_of,$1)
COMPARES  += $(patsubst $1/compare/%.c,$(OUT)/$1/%,$(call compare_of,$1))
PROGRAMS  += $(foreach p,$4 $(call compare_of,$1),$(OUT)/$1/$(notdir $(p:.c=)))
ifneq ($3,)
LIBRARIES := $(OBJ)/$1/lib$2.a $$(LIBRARIES)
$(OBJ)/$1/lib$2.a: $(call objects,$3) $(OUT)/sources
LIBRARIES_$2 := $$(LIBRARIES)
LAYERS    += $(OBJ)/$1/layer
$(OBJ)/$1/layer: $$(call objects,$$(MODULES)) $(OUT)/sources
endif
ifneq ($(call lab_of,$1),)
LAB_LIBS  := $(OBJ)/$1/lab/lab$2.a $$(LAB_LIBS)
$(OBJ)/$1/lab/lab$2.a: $(call objects,$(call lab_of,$1)) $(OUT)/sources
LAYERS    += $(OBJ)/$1/lab/layer
$(OBJ)/$1/lab/layer: $$(call objects,$$(MODULES) $$(LABS)) $(OUT)/sources
endif
$$(foreach p,$4 $(call compare_of,$1),$$(eval $$(call program,$1,$2,$$p,$$(notdir $$(p:.c=)))))
endef

# One program: $1 its chapter, $2 the chapter's number, $3 its source, $4 its name.
define program
$(OUT)/$1/$4: $(call objects,$3) $(LAB_LIBS) $(LIBRARIES) $(OUT)/sources
.PHONY: $2/$4
$2/$4: $(OUT)/$1/$4
	@$$< $$(ARGS)
ifeq ($4,demo)
.PHONY: $2
$2: $(OUT)/$1/$4
	@$$< $$(ARGS)
endif
endef

$(foreach c,common $(CHAPTERS),$(eval $(call chapter,$c,$(call number,$c),$(call modules_of,$c),$(call programs_of,$c))))
TWICE := $(sort $(foreach p,$(PROGRAMS),$(if $(word 2,$(filter $p,$(PROGRAMS))),$p)))
ifneq ($(TWICE),)
$(error $(TWICE) would be built from two sources: two programs of a chapter share a name)
endif
DEMOS   := $(filter %/demo,$(PROGRAMS))
QUIZZES := $(filter %/quiz,$(PROGRAMS))

TEST_SHARED   := $(call headed,$(sort $(wildcard tests/*.c)))
TEST_SOURCES  := $(sort $(wildcard tests/test_*.c))
TEST_PROGRAMS := $(patsubst %.c,$(OUT)/%,$(TEST_SOURCES))
TEST_SCRIPTS  := $(sort $(wildcard tests/test_*.sh))
TEST_LIB      := $(if $(TEST_SHARED),$(OBJ)/tests/libtests.a)
FUZZ_SHARED   := $(call headed,$(sort $(wildcard tests/fuzz/*.c)))
FUZZ_DRIVER   := $(wildcard tests/fuzz/fuzz_driver.c)
FUZZ_SOURCES  := $(filter-out $(FUZZ_DRIVER) $(if $(filter Darwin,$(shell uname)),%_options.c),$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_TARGETS  := $(patsubst %.c,$(OUT)/%,$(FUZZ_SOURCES))
SOURCES       += $(TEST_SHARED) $(TEST_SOURCES) $(FUZZ_SHARED) $(FUZZ_DRIVER) $(FUZZ_SOURCES)

# --------------------------------------------------------------------------- flags
# Asked only when something is to be compiled: before `make setup` there may be no pkg-config. A
# package without a .pc file (some alternatives of Debian's OpenBLAS) is linked by its name.
NO_COMPILING := help path setup clean doctor data size format format-check
ifneq ($(filter-out $(NO_COMPILING),$(GOALS)),)
export PKG_CONFIG_PATH := $(subst $() ,:,$(strip $(subst :, ,$(PKG_CONFIG_PATH)) \
    $(wildcard /opt/homebrew/opt/openblas/lib/pkgconfig /usr/local/opt/openblas/lib/pkgconfig)))
package  = $(shell pkg-config --$1 $2 2>/dev/null || echo $3)
INCLUDES := $(patsubst -I%,-isystem %,$(foreach p,openblas jansson libutf8proc check,$(call package,cflags,$p)))
LIBS     := $(call package,libs,openblas,-lopenblas) $(call package,libs,jansson,-ljansson) \
            $(call package,libs,libutf8proc,-lutf8proc) -lpthread -lm
CHECK    := $(call package,libs,check,-lcheck)
ifneq ($(MPI),)
MPI_LIBS := $(shell pkg-config --libs ompi-c 2>/dev/null || mpicc --showme:link 2>/dev/null)
ifeq ($(MPI_LIBS),)
$(error MPI=1 needs Open MPI, and neither pkg-config nor mpicc finds it (Debian: apt-get install libopenmpi-dev openmpi-bin))
endif
INCLUDES += $(patsubst -I%,-isystem %,$(shell pkg-config --cflags ompi-c 2>/dev/null || mpicc --showme:compile))
LIBS     += $(MPI_LIBS)
endif
endif

# -fopenmp-simd: loops marked `omp simd` may add up in several lanes, which is all of -ffast-math
# that is safe with masks. That clang cannot vectorise one of them in double is no fault of ours.
CLANG    := $(findstring clang,$(shell $(CC) --version 2>/dev/null))# macOS calls it gcc as well
WARNINGS := $(if $(CLANG),-Wno-pass-failed) -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Werror
f64.flags     := $(OPT) -DREAL_IS_DOUBLE
release.flags := $(OPT)
asan.flags    := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
tsan.flags    := -O1 -fno-omit-frame-pointer -fsanitize=thread
fuzz.flags    := $(asan.flags) -fsanitize=fuzzer-no-link
# Every function stays one, to be counted as one. Counts are written at exit, which a test that ends
# in abort on purpose never comes to: coverage_abort.c.
coverage.flags := -O1 -fno-early-inlining -Wno-maybe-uninitialized --coverage -DCOUNTED -Wl,--wrap=abort
# Valgrind 3.19 knows nothing above AVX2.
valgrind.flags := -O1
ifneq ($(and $(filter valgrind,$(MODE)),$(filter x86_64,$(shell uname -m))),)
ARCH := -march=x86-64-v3
endif
ifeq ($(MODE),coverage)
LIBS += $(OBJ)/tests/coverage_abort.o
$(PROGRAMS) $(LAYERS) $(TEST_PROGRAMS) $(FUZZ_TARGETS): | $(OBJ)/tests/coverage_abort.o
endif
# gcc 12 for 64-bit Arm (Debian 12) breaks off with an internal compiler error in the vectoriser at
# loops that look for the largest number with fmax, unless fmax is a call like others.
ARM_GCC_12 := $(if $(filter aarch64-%:12,$(shell $(CC) -dumpmachine 2>/dev/null):$(firstword \
    $(subst ., ,$(shell $(CC) -dumpversion 2>/dev/null)))), $(foreach f,fmax fmaxf fmin fminf,-fno-builtin-$f))
# macOS hides what is not in POSIX, such as the number of processors, unless asked.
CFLAGS_ALL := -std=c11 -D_POSIX_C_SOURCE=200809L$(if $(filter Darwin,$(shell uname)), -D_DARWIN_C_SOURCE) $($(MODE).flags) $(ARCH) -fno-math-errno \
              -fopenmp-simd$(ARM_GCC_12) -g $(WARNINGS) -I. $(INCLUDES) $(EXTRA)

# Everything an object depends on besides its sources. The file is rewritten only when the text
# differs, and every object depends on it: another compiler, other flags, a library upgraded or
# installed since, or the build folder carried to another processor, and the objects are remade.
define FLAGS_TEXT
$(CFLAGS_ALL) | $(LIBS) $(CHECK)
$(shell $(CC) --version 2>/dev/null | head -n 1)
$(foreach p,openblas jansson libutf8proc check,$p $(call package,modversion,$p,?))
$(shell uname -sm) $(shell grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null | cksum)
endef
export FLAGS_TEXT

# Preloaded by test_faults.sh, where the C library is glibc.
SHIM := $(if $(filter Linux,$(shell uname)),$(patsubst %.c,$(OUT)/%.so,$(wildcard tests/fault_shim.c)))

# --------------------------------------------------------------------------- rules
## all: build every program of every chapter (plain `make`)
.PHONY: all test-programs FORCE
all: $(PROGRAMS) $(LIBRARIES) $(LAB_LIBS) $(LAYERS)
test-programs: $(TEST_PROGRAMS) $(FUZZ_TARGETS) $(SHIM)

ifeq ($(V),)
say = @printf '  %-4s %s\n' $1 $2;
endif

# $(call write_if_changed,FILE,VARIABLE,CHECK): writes the exported variable into the file unless it
# holds that text already; CHECK runs first and may refuse.
write_if_changed = @mkdir -p $(dir $1); printf '%s\n' "$$$2" | cmp -s - $1 || \
    { $3 printf '%s\n' "$$$2" >$1.new && mv $1.new $1; }

$(OUT)/flags: FORCE
	$(call write_if_changed,$@,FLAGS_TEXT,CC='$(CC)' sh tests/tools/setup.sh --check &&)

# The names of all sources: when a file comes or goes, libraries and programs are put together anew.
export SOURCES
$(OUT)/sources: FORCE
	$(call write_if_changed,$@,SOURCES,)

define compile
@mkdir -p $(@D)
$(call say,CC,$<)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
endef
ifneq ($(MPI),)
$(OBJ)/%.o: %_mpi.c $(OUT)/flags
	$(compile)
endif
$(OBJ)/%.o: %.c $(OUT)/flags
	$(compile)

# What a browser reads of a room goes into a program, as text: so the program runs from any folder,
# and its page is as old as itself. Of each file a row for assets.c, {"name", "line\n" "line\n" ...}.
ASSETS := $(wildcard */explorer/*.html */explorer/*.css */explorer/*.js)
$(OBJ)/%/assets.inc: $(ASSETS)
	@mkdir -p $(@D)
	@awk 'FNR == 1 { if (NR > 1) print "},"; name = FILENAME; sub(/.*\//, "", name); print "{\"" name "\"," } \
	    { gsub(/[\\"?]/, "\\\\&"); print "\"" $$0 "\\n\"" } END { print "}," }' $(ASSETS) >$@
$(OBJ)/%/assets.o: CFLAGS_ALL += -I$(OBJ)
$(patsubst %.c,$(OBJ)/%.o,$(wildcard */explorer/assets.c)): $(OBJ)/%.o: $(OBJ)/%.inc

$(OBJ)/%.a:
	@mkdir -p $(@D); rm -f $@
	$(call say,AR,$@)ar rc $@ $(filter %.o,$^)

$(PROGRAMS):
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CFLAGS_ALL) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

$(LAYERS):
	@mkdir -p $(@D)
	@echo 'int main(void) { return 0; }' | \
	    $(CC) $(CFLAGS_ALL) -o $@ -x c - -x none $(filter %.o,$^) $(LIBS)

$(TEST_PROGRAMS):
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CFLAGS_ALL) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) $(CHECK)

ifneq ($(TEST_SHARED),)
$(TEST_LIB): $(call objects,$(TEST_SHARED)) $(OUT)/sources
endif
$(foreach p,$(TEST_PROGRAMS),$(eval $p: $(p:$(OUT)/%=$(OBJ)/%).o $(TEST_LIB) $(LAB_LIBS) $(LIBRARIES) $(OUT)/sources))

# With libFuzzer, which brings its own main, or with ours. --wrap is for the one target that sees to
# what would end it; macOS' linker does not know it.
FUZZ_MAIN := $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer,$(call objects,$(FUZZ_DRIVER)))
$(FUZZ_TARGETS): $(OUT)/%: $(OBJ)/%.o $(call objects,$(FUZZ_SHARED) $(FUZZ_DRIVER)) $(LIBRARIES) $(OUT)/sources
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CFLAGS_ALL) -o $@ $< $(call objects,$(FUZZ_SHARED)) $(FUZZ_MAIN) \
	    $(if $(findstring _options,$@),-Xlinker --wrap=exit) $(LIBRARIES) $(LIBS)

$(SHIM): tests/fault_shim.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CFLAGS_ALL) -shared -fPIC -o $@ $< -ldl

-include $(patsubst %.c,$(OBJ)/%.d,$(SOURCES))

# --------------------------------------------------------------------------- running
.PHONY: demo compare quiz figures bench test asan standalone check-docs mutants

## demo: all chapters' demos in order, ending in a trained translator
demo: $(DEMOS)
	@sh tests/tools/demo.sh $(DEMOS)

## 00 ... 06: one chapter's demo; ARGS='...' passes options
## 03/raimi: that program of chapter 3, likewise any other
## compare: all published examples beside ours, one line each; ARGS=--slow: the slow ones
compare: $(COMPARES)
	@sh tests/tools/compare.sh $(ARGS) $(OUT) $(COMPARES)

## quiz: questions on every chapter; 03/quiz: on one; ARGS=--all: with answers
quiz: $(QUIZZES)
	@for quiz in $(QUIZZES); do $$quiz $(ARGS) || exit; done

## figures: run what draws and renew the pictures committed under */figures/
figures: $(DEMOS) $(COMPARES) $(OUT)/06_training/ablation
	@$(WITHOUT) all $(OUT)
	@sh tests/tools/figures.sh $(DEMOS) $(COMPARES)

## bench: training and decoding speed against this machine's peak; ARGS='--shape tiny'
bench: $(OUT)/06_training/bench
	@$< $(ARGS)

# --------------------------------------------------------------------------- yours
# A module that has a check_ program is an exercise: a learner writes it anew in exercises/, and the
# machine compares. What is theirs may be untidy: only errors count.
LENIENT  := -Wno-error -Wno-vla -Wno-unused-parameter -Wno-unused-function -Wno-unused-variable -Wno-unused-const-variable
EXERCISE := sh tests/tools/exercise.sh
# With MINE each function of theirs tells when it begins and ends. Those of headers, real_exp above
# all, do not: loops that call them must stay vectorised.
WATCHED  := $(if $(CLANG),-finstrument-functions-after-inlining,-finstrument-functions -finstrument-functions-exclude-file-list=.h)
PIECES   :=# "03/attention ..."
# What train is linked of, where there is a train.
TRAIN    := $(addprefix $(OBJ)/,$(patsubst %.c,%.o,$(wildcard 06_training/train.c))) $(LAB_LIBS) $(LIBRARIES)

## 03/start/attention: write exercises/attention.c, the module with empty functions, to fill
## 03/try/attention: check what you wrote, function by function
## 03/show/attention: yours beside ours, once it passes

# One piece: $1 its chapter's folder, $2 the number, $3 its name, $4 its module without .c.
# built: the check program with the module, and with YOURS, in this precision.
define piece
PIECES += $2/$3
MODULE_$2/$3 := $4
YOURS_$2/$3 := $(if $(PIECES_FROM),$(PIECES_FROM)/$2_$3.c,$1/exercises/$3.c)
.PHONY: $2/start/$3 $2/try/$3 $2/show/$3 $2/built/$3 $2/prove/$3 $2/used/$3
$2/start/$3:
	@$(EXERCISE) start $2 $1 $3 $4
$2/built/$3: $(TEST_LIB) $(LIBRARIES_$2)
	@CC='$(CC)' CFLAGS='$(CFLAGS_ALL)' LINK='$(TEST_LIB) $(LIBRARIES_$2)' LIBRARIES='$(LIBS) $(CHECK)' \
	    LENIENT='$(LENIENT)' $(EXERCISE) build $(OUT)/exercises/$2_$3 $1 $3 $4 $$(or $$(YOURS),$$(YOURS_$2/$3))
$2/try/$3:
	+@MAKE='$(MAKE)' $(EXERCISE) try $2 $1 $3 $4 $(OUT)
$2/show/$3:
	+@MAKE='$(MAKE)' $(EXERCISE) show $2 $1 $3 $4 $(OUT)
$2/prove/$3:
	+@MAKE='$(MAKE)' $(EXERCISE) prove $2 $1 $3 $4 $(OUT)
$2/used/$3: $2/prove/$3 $(TRAIN)
	@CC='$(CC)' CFLAGS='$(CFLAGS_ALL)' LINK='$(TRAIN)' LIBRARIES='$(LIBS)' LENIENT='$(LENIENT) $(WATCHED)' \
	    $(EXERCISE) used $2 $1 $3 $4 $(OUT)
ifneq ($(MINE),)
# An object that was made of it still names it, when it has been moved away.
$$(YOURS_$2/$3):
$(OBJ)/$4.o: $(OUT)/pieces/$2_$3
$(OUT)/pieces/$2_$3: FORCE
	$$(call write_if_changed,$$@,WHOSE_$2_$3,)
export WHOSE_$2_$3 := $(if $(filter $2/$3,$(MINE)),yours,ours)
ifneq ($(filter $2/$3,$(MINE)),)
$(OBJ)/$4.o: $$(YOURS_$2/$3) $(OUT)/flags
	@mkdir -p $$(@D)
	$$(call say,YOURS,$$<)$(CC) $(CFLAGS_ALL) $(LENIENT) $(WATCHED) -MMD -MP -c -o $$@ $$<
endif
endif
endef
module_of = $(basename $(firstword $(filter $1/$2.c,$(MODULES)) $(filter $1/%/$2.c,$(MODULES)) $(filter %/$2.c,$(MODULES))))
pieces_of = $(patsubst $1/exercises/check_%.c,%,$(sort $(wildcard $1/exercises/check_*.c)))
$(foreach c,common $(CHAPTERS),$(foreach p,$(call pieces_of,$c),$(eval $(call piece,$c,$(call number,$c),$p,$(call module_of,$c,$p)))))

# With MINE, the functions of the learner's pieces in a table (common/mine.h) that comes before the
# library's empty one.
ifneq ($(MINE),)
MINE_TABLE := $(OBJ)/mine_table.o
$(PROGRAMS) $(TEST_PROGRAMS): $(MINE_TABLE)
$(MINE_TABLE): $(foreach p,$(PIECES),$(OUT)/pieces/$(subst /,_,$p)) $(OUT)/flags
	@$(EXERCISE) table $(foreach p,$(MINE),$p=$(MODULE_$p)) >$(@:.o=.c)
	@$(CC) $(CFLAGS_ALL) -c -o $@ $(@:.o=.c)
endif

.PHONY: mine chosen exercises
## mine: your pieces, passing or not; MINE=1 06: chapter 6 with those that pass
mine:
	+@MAKE='$(MAKE)' $(EXERCISE) mine $(OUT) $(foreach p,$(PIECES),$p=$(MODULE_$p))

# For MINE: the same for the CHOSEN ones, all of which must pass; with none chosen, of all.
ifneq ($(filter-out $(PIECES),$(CHOSEN)),)
$(error MINE: there is no piece $(filter-out $(PIECES),$(CHOSEN)); the pieces are $(PIECES))
endif
chosen:
	+@MAKE='$(MAKE)' $(EXERCISE) chosen $(OUT) $(BUILD)/mine/passing $(if $(CHOSEN),every,any) $(foreach p,$(or $(CHOSEN),$(PIECES)),$p=$(MODULE_$p))

## exercises: prove every exercise: untouched, solved, with each known mistake, and put to use
exercises: $(foreach p,$(PIECES),$(subst /,/used/,$p)) faults
	+@MAKE='$(MAKE)' $(EXERCISE) replaced $(OUT) $(foreach p,$(PIECES),$p=$(MODULE_$p))

# A fault is an edit of one module, hidden in its chapter's program fault.c; 0 is without any.
FAULTS := $(sort $(wildcard */exercises/*.fault))
FAULT   = CC='$(CC)' CFLAGS='$(CFLAGS_ALL)' LINK='$(LAB_LIBS) $(LIBRARIES)' LIBRARIES='$(LIBS)' sh tests/tools/fault.sh
export ANSWER

## 06/fault/3: a training program with a fault; ANSWER=word says what it is
# One fault: $1 its chapter's folder, $2 the number of the chapter, $3 its own.
define fault
.PHONY: $2/fault/$3
$2/fault/$3: $(OUT)/$1/fault
	@$$(FAULT) show $(OUT) $1/exercises/$3.fault
endef
$(foreach d,$(sort $(patsubst %/exercises/,%,$(dir $(FAULTS)))),$(eval $(call fault,$d,$(call number,$d),0)))
$(foreach f,$(FAULTS),$(eval $(call fault,$(patsubst %/exercises/,%,$(dir $f)),$(call number,$f),$(basename $(notdir $f)))))

.PHONY: faults
## faults: prove that each fault can be found out, by one answer
faults: $(foreach d,$(sort $(patsubst %/exercises/,%,$(dir $(FAULTS)))),$(OUT)/$d/fault)
	@$(if $(FAULTS),$(FAULT) prove $(OUT) $(FAULTS),:)

# An ingredient of training taken away, by other settings or by a line of a module changed.
ifneq ($(wildcard 06_training/lab/ablations.txt),)
WITHOUT = CC='$(CC)' CFLAGS='$(CFLAGS_ALL)' LINK='$(LAB_LIBS) $(LIBRARIES)' LIBRARIES='$(LIBS)' sh tests/tools/ablation.sh
## 06/without: training with each ingredient taken away; 06/without/warmup: one of them
.PHONY: 06/without
06/without: $(OUT)/06_training/ablation
	@$(WITHOUT) all $(OUT)
06/without/%: $(OUT)/06_training/ablation FORCE
	@$(WITHOUT) show $(OUT) $*
endif

# --------------------------------------------------------------------------- checking
# Plain `make test` runs every test program twice, in float and in double.
SUITES := $(MODE):$(OUT)
ifeq ($(MODE),release)
SUITES += f64:$(OUT)/f64
.PHONY: test-programs-f64
test-programs-f64:
	+@$(MAKE) MODE=f64 test-programs
test: test-programs-f64
endif

# The scripts test programs from outside and the house. What the READMEs show is what floats give.
# Sanitizers see the comparisons and what the readers are given as well; counts are written by calls
# that test_faults.sh would take for the program's own, and exercises are built without them.
SCRIPTS.release  := $(TEST_SCRIPTS) tests/tools/check_docs.sh
SCRIPTS.f64      := $(TEST_SCRIPTS)
SCRIPTS.asan     := $(filter %/test_compare.sh %/test_fuzz.sh,$(TEST_SCRIPTS))
SCRIPTS.coverage := $(filter-out %/test_faults.sh %/test_exercises.sh,$(TEST_SCRIPTS))

## test: every test, in float and double, and the numbers in READMEs; MODE=f64: one mode only
test: all test-programs
	@sh tests/tools/run.sh $(SUITES) -- $(TEST_SOURCES) $(SCRIPTS.$(MODE))

## test-mpi: with MPI=1: train on several ranks against one with as many threads
.PHONY: test-mpi
test-mpi: $(OUT)/06_training/train
	@sh tests/tools/run.sh $(MODE):$(OUT) -- tests/test_mpi.sh

## asan: build everything with ASan and UBSan into build/asan and run the tests
asan:
	+@$(MAKE) MODE=asan test

# The test programs alone, under TEST_RUNNER if that is set, and WITH=all with the programs they start.
.PHONY: suites
suites: test-programs $(WITH)
	@sh tests/tools/run.sh $(MODE):$(OUT) -- $(or $(patsubst %,tests/test_%.c,$(ARGS)),$(TEST_SOURCES))

## coverage: run the tests and count lines and branches by folder, in build/coverage
.PHONY: coverage coverage-report
coverage:
	+@find $(BUILD)/coverage -name '*.gcda' -exec rm -f {} + 2>/dev/null; \
	    TEST_LIMIT=7200 CK_TIMEOUT_MULTIPLIER=10 $(MAKE) CC=gcc MODE=coverage test; status=$$?; \
	    $(MAKE) CC=gcc MODE=coverage coverage-report && exit $$status
coverage-report:
	@sh tests/tools/coverage.sh $(OBJ) $(MODULES) -- $(filter-out $(MODULES) tests/%,$(SOURCES))

## valgrind: the test programs under valgrind; ARGS='tensor text': these
.PHONY: valgrind
valgrind:
	+@TEST_LIMIT=7200 CK_TIMEOUT_MULTIPLIER=100 OPENBLAS_CORETYPE=$(if $(filter x86_64,$(shell uname -m)),Haswell) \
	    TEST_RUNNER='valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite' \
	    $(MAKE) MODE=valgrind suites

# Debian's cross compiler and libraries of the other processor, whose programs qemu runs here:
#   dpkg --add-architecture arm64 && apt-get update && apt-get install gcc-aarch64-linux-gnu \
#   qemu-user-static libopenblas-dev:arm64 libjansson-dev:arm64 libutf8proc-dev:arm64 check:arm64
ARM64 := aarch64-linux-gnu
## arm64: build for 64-bit Arm and run the test programs under qemu, in build/arm64
## plain: build for any x86-64, without AVX, and run the test programs, in build/plain
.PHONY: arm64 plain
arm64:
	+@PKG_CONFIG_LIBDIR=/usr/lib/$(ARM64)/pkgconfig TEST_LIMIT=7200 CK_TIMEOUT_MULTIPLIER=100 \
	    TEST_RUNNER='$(or $(shell command -v qemu-aarch64-static),qemu-aarch64)' \
	    $(MAKE) CC=$(ARM64)-gcc ARCH=-march=armv8-a BUILD=$(BUILD)/arm64 WITH=all suites
plain:
	+@OPENBLAS_CORETYPE=Prescott $(MAKE) ARCH=-march=x86-64 BUILD=$(BUILD)/plain WITH=all suites

## tsan: the tests of what uses threads, with the thread sanitizer, in build/tsan
.PHONY: tsan tsan-tests
THREADED := $(filter %/test_trainer %/test_search,$(TEST_PROGRAMS))
tsan:
	+@$(MAKE) MODE=tsan tsan-tests
tsan-tests: $(THREADED)
	@for test in $(THREADED); do CK_FORK=no CK_DEFAULT_TIMEOUT=600 BUILD_DIR=$(OUT) $$test || exit; done

## injection: let each open, write, fsync, rename, close, malloc of a training fail, or end it there
.PHONY: injection
injection: $(OUT)/06_training/train $(SHIM)
	@FAULTS=all BUILD_DIR=$(OUT) sh tests/test_faults.sh

## kills: end a training at random moments and go on, KILLS=1000 times
.PHONY: kills
kills: $(OUT)/06_training/train $(OUT)/06_training/translate
	@sh tests/tools/kills.sh $(OUT) $(KILLS)

# libFuzzer is clang's.
## fuzz: look for inputs that break a reader, SECONDS=60 for each; ARGS='text bleu': these
.PHONY: fuzz fuzz-targets
FUZZED := $(if $(ARGS),$(foreach a,$(ARGS),$(filter %/fuzz_$a,$(FUZZ_TARGETS))),$(FUZZ_TARGETS))
fuzz:
	+@$(MAKE) CC=clang MODE=fuzz fuzz-targets
fuzz-targets: $(FUZZED)
	@sh tests/tools/fuzz.sh $(OUT) $(SECONDS) $(FUZZED)

## standalone: build each chapter in a tree that ends with it
standalone:
	+@MAKE='$(MAKE)' sh tests/tools/standalone.sh $(BUILD)/standalone $(CHAPTERS)

## check-docs: numbers, links and pictures of all READMEs against the programs (part of test)
check-docs: all
	@BUILD_DIR=$(OUT) sh tests/tools/check_docs.sh

## mutants: break backward functions a term at a time, the tests must notice (ARGS=files)
mutants:
	+@MAKE='$(MAKE)' sh tests/tools/mutants.sh $(BUILD)/mutants $(ARGS)

endif # MINE is not 1
endif # one goal, or none of setup and clean

# --------------------------------------------------------------------------- the house
.PHONY: help path setup clean data doctor size format format-check FORCE

## setup: install what is missing (compiler, OpenBLAS, Check, gnuplot, ...)
setup:
	@CC='$(CC)' sh tests/tools/setup.sh

ifeq ($(and $(FIRST),$(REST)),)
## data: fetch Multi30k and tiny Shakespeare; DATA_MIRROR=folder-or-url for a copy
data:
	@sh tests/tools/data.sh $(BUILD)/data '$(DATA_MIRROR)'

## doctor: what is here: compiler, OpenBLAS and its kernels, cores, gnuplot, data
doctor:
	@CC='$(CC)' sh tests/tools/doctor.sh $(BUILD)

C_FILES = $(sort $(wildcard $(FOLDERS:%=%/*.[ch]) */exercises/check_*.c))

## size: lines of code and comment per folder, functions' lengths, longest files
size:
	@awk -f tests/tools/size.awk $(C_FILES)

## format: lay out every C file as .clang-format says; format-check only tells
format:
	@clang-format -i $(C_FILES)
format-check:
	@clang-format --dry-run --Werror $(C_FILES)

## path: the learning path and what to run at each stop; AT=karpathy: one resource's
path:
	@sh tests/tools/path.sh $(if $(README),--readme,'$(AT)')

## help: this list
help:
	@awk -F ': ' '/^## / { sub(/^## /, ""); printf "  %-18s  %s\n", $$1, substr($$0, length($$1) + 3) }' Makefile
endif

## clean: remove build/ with all in it, downloaded data and trained models included
clean:
	rm -rf $(BUILD)
