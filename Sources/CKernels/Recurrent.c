// One step of recurrent layers over several documents at once (Hochreiter & Schmidhuber 1997; Cho et
// al. 2014), with PyTorch's order of gates and its two biases.
#include "Dispatch.h"
#include "Numerics.h"

// sigma(x) = 1 / (1 + e^-x).
WARRANT_INLINE float sigmoid(float x) {
    const float bounded = x < -87.0f ? -87.0f : x;
    return 1.0f / (1.0f + warrant_exp(-bounded));
}

WARRANT_BODY warrant_lstm_forward_body(size_t count, size_t hidden, const int32_t *rows,
                                       const int32_t *previous, float *gates,
                                       const float *recurrent, const float *bias, float *cells,
                                       float *states, float *step_states) {
    for (size_t s = 0; s < count; s++) {
        float *gate = gates + (size_t)rows[s] * 4 * hidden;
        float *cell = cells + (size_t)rows[s] * hidden;
        float *state = states + (size_t)rows[s] * hidden;
        float *step_state = step_states + s * hidden;
        for (size_t c = 0; c < 4 * hidden; c++) gate[c] += bias[c];
        if (recurrent)
            for (size_t c = 0; c < 4 * hidden; c++) gate[c] += recurrent[s * 4 * hidden + c];
        WARRANT_EACH
        for (size_t c = 0; c < 2 * hidden; c++) gate[c] = sigmoid(gate[c]);
        WARRANT_EACH
        for (size_t c = 2 * hidden; c < 3 * hidden; c++) gate[c] = warrant_tanh(gate[c]);
        WARRANT_EACH
        for (size_t c = 3 * hidden; c < 4 * hidden; c++) gate[c] = sigmoid(gate[c]);
        WARRANT_EACH
        for (size_t c = 0; c < hidden; c++) cell[c] = gate[c] * gate[2 * hidden + c];
        if (previous) {
            const float *before = cells + (size_t)previous[s] * hidden;
            WARRANT_EACH
            for (size_t c = 0; c < hidden; c++) cell[c] += gate[hidden + c] * before[c];
        }
        WARRANT_EACH
        for (size_t c = 0; c < hidden; c++) state[c] = gate[3 * hidden + c] * warrant_tanh(cell[c]);
        for (size_t c = 0; c < hidden; c++) step_state[c] = state[c];
    }
}

WARRANT_BODY warrant_lstm_backward_body(size_t count, size_t hidden, const int32_t *rows,
                                        const int32_t *previous, const float *gates,
                                        const float *cells, const float *d_states,
                                        const float *d_next, float *d_cells, float *d_gates,
                                        float *step_d_gates) {
    for (size_t s = 0; s < count; s++) {
        const float *in = gates + (size_t)rows[s] * 4 * hidden;
        const float *forget = in + hidden, *new = in + 2 * hidden, *out = in + 3 * hidden;
        const float *cell = cells + (size_t)rows[s] * hidden;
        const float *d_state = d_states + (size_t)rows[s] * hidden;
        const float *next = d_next + s * hidden;
        float *d_cell = d_cells + s * hidden;
        float *d = step_d_gates + s * 4 * hidden;
        const float *before = previous ? cells + (size_t)previous[s] * hidden : NULL;
        WARRANT_EACH
        for (size_t c = 0; c < hidden; c++) {
            const float dh = d_state[c] + next[c];
            const float t = warrant_tanh(cell[c]);
            const float dc = d_cell[c] + dh * out[c] * (1.0f - t * t);
            d[c] = dc * new[c] * in[c] * (1.0f - in[c]);
            d[hidden + c] = dc * forget[c] * (1.0f - forget[c]);
            d[2 * hidden + c] = dc * in[c] * (1.0f - new[c] * new[c]);
            d[3 * hidden + c] = dh * t * out[c] * (1.0f - out[c]);
            d_cell[c] = dc * forget[c];
        }
        if (before) {
            WARRANT_EACH
            for (size_t c = 0; c < hidden; c++) d[hidden + c] *= before[c];
        } else {
            for (size_t c = 0; c < hidden; c++) d[hidden + c] = 0;
        }
        float *d_gate = d_gates + (size_t)rows[s] * 4 * hidden;
        for (size_t c = 0; c < 4 * hidden; c++) d_gate[c] = d[c];
    }
}

WARRANT_BODY warrant_gru_forward_body(size_t count, size_t hidden, const int32_t *rows,
                                      const int32_t *previous, float *gates,
                                      const float *recurrent, const float *bias, float *inner,
                                      float *states, float *step_states) {
    for (size_t s = 0; s < count; s++) {
        float *gate = gates + (size_t)rows[s] * 3 * hidden;
        float *q = inner + (size_t)rows[s] * hidden;
        float *state = states + (size_t)rows[s] * hidden;
        float *step_state = step_states + s * hidden;
        for (size_t c = 0; c < 2 * hidden; c++) gate[c] += bias[c];
        for (size_t c = 0; c < hidden; c++) q[c] = bias[2 * hidden + c];
        if (recurrent) {
            const float *r = recurrent + s * 3 * hidden;
            for (size_t c = 0; c < 2 * hidden; c++) gate[c] += r[c];
            for (size_t c = 0; c < hidden; c++) q[c] += r[2 * hidden + c];
        }
        WARRANT_EACH
        for (size_t c = 0; c < 2 * hidden; c++) gate[c] = sigmoid(gate[c]);
        float *new = gate + 2 * hidden;
        const float *update = gate + hidden;
        WARRANT_EACH
        for (size_t c = 0; c < hidden; c++) new[c] = warrant_tanh(new[c] + gate[c] * q[c]);
        WARRANT_EACH
        for (size_t c = 0; c < hidden; c++) state[c] = (1.0f - update[c]) * new[c];
        if (previous) {
            const float *before = states + (size_t)previous[s] * hidden;
            WARRANT_EACH
            for (size_t c = 0; c < hidden; c++) state[c] += update[c] * before[c];
        }
        for (size_t c = 0; c < hidden; c++) step_state[c] = state[c];
    }
}

WARRANT_BODY warrant_gru_backward_body(size_t count, size_t hidden, const int32_t *rows,
                                       const int32_t *previous, const float *gates,
                                       const float *inner, const float *states,
                                       const float *d_states, const float *d_next, float *d_kept,
                                       float *d_gates, float *d_recurrent, float *step_d) {
    for (size_t s = 0; s < count; s++) {
        const float *reset = gates + (size_t)rows[s] * 3 * hidden;
        const float *update = reset + hidden, *new = reset + 2 * hidden;
        const float *q = inner + (size_t)rows[s] * hidden;
        const float *d_state = d_states + (size_t)rows[s] * hidden;
        const float *next = d_next + s * hidden;
        float *kept = d_kept + s * hidden;
        float *d = step_d + s * 3 * hidden;
        float *d_gate = d_gates + (size_t)rows[s] * 3 * hidden;
        const float *before = previous ? states + (size_t)previous[s] * hidden : NULL;
        WARRANT_EACH
        for (size_t c = 0; c < hidden; c++) {
            const float dh = d_state[c] + next[c] + kept[c];
            const float d_new = dh * (1.0f - update[c]) * (1.0f - new[c] * new[c]);
            d[c] = d_new * q[c] * reset[c] * (1.0f - reset[c]);
            d[hidden + c] = -dh * new[c] * update[c] * (1.0f - update[c]);
            d[2 * hidden + c] = d_new * reset[c];
            d_gate[2 * hidden + c] = d_new;
            kept[c] = dh * update[c];
        }
        if (before) {
            // kept = dh · update.
            WARRANT_EACH
            for (size_t c = 0; c < hidden; c++)
                d[hidden + c] += kept[c] * (1.0f - update[c]) * before[c];
        }
        float *d_all = d_recurrent + (size_t)rows[s] * 3 * hidden;
        for (size_t c = 0; c < 3 * hidden; c++) d_all[c] = d[c];
        for (size_t c = 0; c < 2 * hidden; c++) d_gate[c] = d[c];
    }
}

WARRANT_KERNEL(warrant_lstm_forward,
               (size_t count, size_t hidden, const int32_t *rows, const int32_t *previous,
                float *gates, const float *recurrent, const float *bias, float *cells,
                float *states, float *step_states),
               (count, hidden, rows, previous, gates, recurrent, bias, cells, states, step_states))
WARRANT_KERNEL(warrant_lstm_backward,
               (size_t count, size_t hidden, const int32_t *rows, const int32_t *previous,
                const float *gates, const float *cells, const float *d_states,
                const float *d_next, float *d_cells, float *d_gates, float *step_d_gates),
               (count, hidden, rows, previous, gates, cells, d_states, d_next, d_cells, d_gates,
                step_d_gates))
WARRANT_KERNEL(warrant_gru_forward,
               (size_t count, size_t hidden, const int32_t *rows, const int32_t *previous,
                float *gates, const float *recurrent, const float *bias, float *inner,
                float *states, float *step_states),
               (count, hidden, rows, previous, gates, recurrent, bias, inner, states, step_states))
WARRANT_KERNEL(warrant_gru_backward,
               (size_t count, size_t hidden, const int32_t *rows, const int32_t *previous,
                const float *gates, const float *inner, const float *states,
                const float *d_states, const float *d_next, float *d_kept, float *d_gates,
                float *d_recurrent, float *step_d),
               (count, hidden, rows, previous, gates, inner, states, d_states, d_next, d_kept,
                d_gates, d_recurrent, step_d))
