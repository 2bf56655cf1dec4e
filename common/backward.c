#include "common/backward.h"

#include "common/tape.h"

/* d loss / d loss = 1 starts the chain rule. */
void backward(Tensor *loss) {
    Graph *graph = graph_current();
    REQUIRE(loss->size == 1, "a loss must be a scalar, not of size %zu", loss->size);
    REQUIRE(loss->graph == graph && loss->generation == graph->generation,
            "the loss does not belong to the current graph, or is from before its last reset");
    REQUIRE(!graph->done, "backward was already called on this graph; graph_reset it first");
    REQUIRE(loss->requires_grad, "the loss depends on nothing that requires a gradient");
    graph->done = true;
    tensor_grad(loss)[0] += 1;
    tape_walk_back(graph->last);
}
