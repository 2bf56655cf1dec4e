/* validation.h - how good a translator is on pairs that it is not trained on. */
#ifndef VALIDATION_H
#define VALIDATION_H

#include "06_training/score/bleu_tokenize.h"
#include "06_training/trainer/trainer.h"
#include "06_training/translator/encoded_lines.h"
#include "06_training/translator/encoded_pairs.h"
#include "06_training/translator/epoch.h"
#include "06_training/translator/translator.h"

/* The pairs, encoded and cut into batches once: all validations of a run judge by the same. */
typedef struct {
    const Pairs *text; // not owned
    BleuTokenizer tokenizer;
    EncodedPairs pairs;   // those the model can take
    Epoch batches;        // of pairs, always the same
    EncodedLines sources; // of all pairs: what is to be translated
} Validation;

/* The tokenizer of BLEU is the one that suits the targets (bleu_tokenizer_for), unless it is set
 * afterwards. Caller frees with validation_free. text must outlive it. */
Validation validation_new(const Translator *translator, const Pairs *text, int batch_tokens);
void validation_free(Validation *validation);

/* The mean cross-entropy of a target token, in nats, without smoothing or dropout. Uses the
 * trainer's threads and graphs, as validation_bleu does. */
double validation_loss(const Validation *validation, const Translator *translator,
                       const Trainer *trainer);

/* BLEU (sacreBLEU's) of greedy translations of all sources against the targets as they were read;
 * NaN if the model's scores were not finite numbers. */
double validation_bleu(const Validation *validation, const Translator *translator,
                       const Trainer *trainer);

#endif
