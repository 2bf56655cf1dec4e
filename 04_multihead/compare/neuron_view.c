/* neuron_view.c - bertviz, neuron view: how one weight comes about. For one word, side by side: its
 * query, every key, their products element by element, the sum, the softmax.
 *
 * Beside: bertviz Neuron view - query, key, their products one by one, the sum, the softmax
 * Beside: alammar Self-Attention at a High Level - how a head can choose, when "it" asks the same
 *     in both sentences
 */
#include "02_positional_encoding/sinusoid.h"
#include "03_self_attention/attention.h"
#include "04_multihead/lab/pronoun.h"
#include "04_multihead/multihead.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/vector.h"

#include <stdio.h>

enum { HEADS = 2, STEPS = 1500, HEAD = 1, D = 16, GAP = 1 };
enum { COLUMNS = 3 * D + 2 + 4 * GAP };

/* What the view shows: query (D), keys (T,D), products (T,D), scores (T), weights (T). */
typedef struct {
    real query[D], key[QUESTION_LENGTH][D], product[QUESTION_LENGTH][D];
    real score[QUESTION_LENGTH], weight[QUESTION_LENGTH];
} Neurons;

/* One head of a model's first layer at the word that is asked about. */
static void look_inside(Neurons *n, const QuestionModel *model, const Question *question) {
    const int T = question->length, E = model->config.d_model;
    const MultiheadAttention *m = &model->layers[0];
    graph_reset(graph_current());
    Tensor *x = embedding_forward_scaled(&model->embedding, question->ids, 2, SHAPE(1, T));
    x = sinusoid_add(x, 0); // (1,T,E)
    Tensor *q = op_linear_rows(x, m->in_proj_weight, m->in_proj_bias, HEAD * D, D);
    Tensor *k = op_linear_rows(x, m->in_proj_weight, m->in_proj_bias, E + HEAD * D, D);
    Tensor *scores = op_scale(op_matmul(q, op_transpose(k, -2, -1)), (real)(1 / sqrt(D)));
    const Tensor *p = op_softmax(scores); // (1,T,T)
    memcpy(n->query, q->data + question->asked * D, sizeof n->query);
    for (int t = 0; t < T; t++) {
        memcpy(n->key[t], k->data + t * D, sizeof n->key[t]);
        for (int d = 0; d < D; d++) n->product[t][d] = n->query[d] * n->key[t][d];
        n->score[t] = scores->data[question->asked * T + t];
        n->weight[t] = p->data[question->asked * T + t];
    }
}

/* The blocks q, k, q x k, sum, softmax beside each other, each relative to its own largest value,
 * since they are of different sizes. */
static void draw(const char *out, const Neurons *n, const Question *question) {
    static char labels[COLUMNS][16];
    const char *columns[COLUMNS], *rows[QUESTION_LENGTH];
    const int T = question->length;
    real map[QUESTION_LENGTH * COLUMNS] = {0};
    const double q = vector_max_abs(n->query, D),
                 k = vector_max_abs(&n->key[0][0], (size_t)(T * D));
    const double product = vector_max_abs(&n->product[0][0], (size_t)(T * D));
    const double score = vector_max_abs(n->score, (size_t)T);
    for (int t = 0; t < T; t++) {
        real *row = map + t * COLUMNS;
        rows[t] = sentence_word(question->ids[t]);
        for (int d = 0; d < D; d++) {
            row[d] = (real)(n->query[d] / q);
            row[D + GAP + d] = (real)(n->key[t][d] / k);
            row[2 * (D + GAP) + d] = (real)(n->product[t][d] / product);
        }
        row[3 * (D + GAP)] = (real)(n->score[t] / score);
        row[3 * (D + GAP) + 1 + GAP] = n->weight[t];
    }
    static const char *const NAMES[] = {"q", "k", "q x k"};
    for (int c = 0; c < COLUMNS; c++) columns[c] = "";
    for (int i = 0; i < 3; i++) {
        snprintf(labels[i], sizeof labels[i], "%s", NAMES[i]);
        columns[i * (D + GAP) + D / 2] = labels[i];
    }
    columns[3 * (D + GAP)] = "sum";
    columns[3 * (D + GAP) + 1 + GAP] = "softmax";
    const PlotMap maps = {
        .data = map, .rows = (size_t)T, .cols = COLUMNS, .row_labels = rows, .col_labels = columns};
    plot_heatmap(&(Picture){.name = "neuron_view",
                            .directory = out,
                            .title = "How \"it\" comes to look at \"wide\": head 1, 16 neurons",
                            .caption =
                                "follow a row from the key to the sum: a word wins where its "
                                "key has the signs of the query (orange products)",
                            .width = 1100,
                            .value_min = -1,
                            .value_max = 1},
                 &maps, -1);
}

static void print_table(const Neurons *n, const Question *question) {
    puts("  word       the four largest products (neuron)                score   weight");
    for (int t = 0; t < question->length; t++) {
        printf("  %-8s", sentence_word(question->ids[t]));
        bool used[D] = {false};
        for (int i = 0; i < 4; i++) {
            int best = -1;
            for (int d = 0; d < D; d++)
                if (!used[d] && (best < 0 || fabs((double)n->product[t][d]) >
                                                 fabs((double)n->product[t][best])))
                    best = d;
            used[best] = true;
            printf(" %7.2f (%2d)", (double)n->product[t][best], best);
        }
        printf(" %8.2f   %6.3f\n", (double)n->score[t], (double)n->weight[t]);
    }
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"bertviz's neuron view: q, k, q x k, their sum, the softmax.",
                         "build/04_multihead/neuron_view"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 2);
    Comparison comparison = {0};
    PronounSentences sentences = pronoun_sentences();
    QuestionModel *model = pronoun_train(&sentences, 1, HEADS, STEPS, (uint64_t)lesson.common.seed);

    lesson_step(&lesson, "\"... because it was too wide\", head 1 at \"it\"");
    Neurons neurons[2];
    Question question = pronoun_published(1);
    look_inside(&neurons[1], model, &question);
    print_table(&neurons[1], &question);
    draw(lesson.common.out, &neurons[1], &question);

    lesson_step(&lesson, "The columns, checked");
    double off = 0;
    for (int t = 0; t < question.length; t++) {
        double sum = 0;
        // A dot product is nothing but the sum of its products: 16 of them here.
        for (int d = 0; d < D; d++) sum += (double)neurons[1].product[t][d];
        off = fmax(off, fabs(sum / sqrt(D) - (double)neurons[1].score[t]));
    }
    compare_claim(&comparison, "the score is the sum of the products / sqrt(16)", off < 1e-3);
    const real *rows;
    pronoun_attention(model, &question, 0, &rows);
    double differ = 0;
    for (int t = 0; t < question.length; t++)
        differ = fmax(
            differ, fabs((double)rows[HEAD * question.length + t] - (double)neurons[1].weight[t]));
    compare_claim(&comparison, "the weights are those of the layer itself", differ < 1e-4);

    lesson_step(&lesson, "The same query, another adjective");
    question = pronoun_published(0);
    look_inside(&neurons[0], model, &question);
    const int animal = 1, adjective = question.length - 1;
    printf("              score  weight, tired  weight, wide\n"
           "  animal  %9.0f  %13.2f  %12.2f\n"
           "  tired   %9.0f  %13.2f\n"
           "  wide    %9.0f                 %12.2f\n\n"
           "The query of \"it\" and the key of \"animal\" are the same in both sentences, so\n"
           "their product is, too. But a softmax is an auction: \"wide\" bids more than\n"
           "\"animal\" and takes all, \"tired\" bids less and gets nothing. So the head\n"
           "depends on a word that neither query nor key of \"animal\" knows about.\n",
           (double)neurons[0].score[animal], (double)neurons[0].weight[animal],
           (double)neurons[1].weight[animal], (double)neurons[0].score[adjective],
           (double)neurons[0].weight[adjective], (double)neurons[1].score[adjective],
           (double)neurons[1].weight[adjective]);
    compare_claim(&comparison, "animal's score does not depend on the adjective",
                  fabs((double)neurons[0].score[animal] - (double)neurons[1].score[animal]) < 1e-4);
    question_model_free(model);
    pronoun_sentences_free(&sentences);
    return lesson_end(&lesson, compare_end(&comparison));
}
