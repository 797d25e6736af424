// Vaswani et al. 2017, section 3.2: softmax(Q Kᵀ / √d) V for one document, head by head. There is
// no padding, so there is no mask.
#include <math.h>

#include "Dispatch.h"
#include "Numerics.h"

WARRANT_INLINE float row_maximum(const float *values, size_t columns) {
    float largest = values[0];
    WARRANT_SHORT
    for (size_t c = 0; c < columns; c++) {
#pragma clang fp reassociate(on)
        largest = __builtin_fmaxf(largest, values[c]);
    }
    return largest;
}

// The same by lanes: faster for long rows.
WARRANT_INLINE float long_row_maximum(const float *values, size_t columns) {
    enum { lanes = 64 };
    float best[lanes];
    size_t c = 0;
    for (size_t i = 0; i < lanes; i++) best[i] = values[0];
    for (; c + lanes <= columns; c += lanes)
        for (size_t i = 0; i < lanes; i++)
            best[i] = values[c + i] > best[i] ? values[c + i] : best[i];
    const float largest = row_maximum(best, lanes);
    return c < columns ? __builtin_fmaxf(largest, row_maximum(values + c, columns - c)) : largest;
}

// x[columns] = e^((x - max) · scale); returns their sum.
WARRANT_INLINE float row_powers(float *values, size_t columns, float scale) {
    const float largest = long_row_maximum(values, columns);
    float sum = 0;
    for (size_t c = 0; c < columns; c++) {
#pragma clang fp reassociate(on)
        const float power = warrant_exp((values[c] - largest) * scale);
        values[c] = power;
        sum += power;
    }
    return sum;
}

// values · factor, rounded to `half` where that is not NULL, and in `values` where `keeps` is set.
WARRANT_INLINE void scale_row(float *values, uint16_t *half, int keeps, size_t columns,
                              float factor) {
    if (half)
        for (size_t c = 0; c < columns; c++) half[c] = warrant_bf16(values[c] * factor);
    if (keeps)
        for (size_t c = 0; c < columns; c++) values[c] *= factor;
}

// softmax over each row of x[rows, columns] · scale: rounded to `half` where that is not NULL, and
// in x where `keeps` is set; without it x is left with the powers, which saves a pass over it.
WARRANT_BODY softmax_forward_body(float *x, uint16_t *half, int keeps, size_t rows,
                                  size_t columns, float scale) {
    // Exponentials of short rows are taken over several at once, so that they fill whole vectors.
    enum { is_short = 128, group_size = 2048 };
    const size_t group = columns < is_short ? group_size / columns : 1;
    for (size_t first = 0; first < rows; first += group) {
        const size_t count = rows - first < group ? rows - first : group;
        float *values = x + first * columns;
        uint16_t *rounded = half ? half + first * columns : NULL;
        if (count == 1) {
            const float sum = row_powers(values, columns, scale);
            scale_row(values, rounded, keeps, columns, 1.0f / sum);
            continue;
        }
        for (size_t row = 0; row < count; row++) {
            float *row_values = values + row * columns;
            const float largest = row_maximum(row_values, columns);
            for (size_t c = 0; c < columns; c++)
                row_values[c] = (row_values[c] - largest) * scale;
        }
        const size_t area = count * columns;
        for (size_t i = 0; i < area; i++) values[i] = warrant_exp(values[i]);
        for (size_t row = 0; row < count; row++) {
            float *row_values = values + row * columns;
            float sum = 0;
            WARRANT_SHORT
            for (size_t c = 0; c < columns; c++) {
#pragma clang fp reassociate(on)
                sum += row_values[c];
            }
            scale_row(row_values, rounded ? rounded + row * columns : NULL, keeps, columns,
                      1.0f / sum);
        }
    }
}

// d[rows, columns] from the gradient of the probabilities to that of the products before scaling:
// p · (d - Σ p · d) · scale.
WARRANT_BODY softmax_backward_body(float *d, const float *p, size_t rows, size_t columns,
                                   float scale) {
    for (size_t row = 0; row < rows; row++) {
        float *gradient = d + row * columns;
        const float *probability = p + row * columns;
        float sum = 0;
        {
#pragma clang fp reassociate(on)
            WARRANT_SHORT
            for (size_t c = 0; c < columns; c++) sum += gradient[c] * probability[c];
        }
        WARRANT_SHORT
        for (size_t c = 0; c < columns; c++)
            gradient[c] = probability[c] * (gradient[c] - sum) * scale;
    }
}

void softmax_forward(float *x, uint16_t *half, int keeps, size_t rows, size_t columns,
                     float scale);
void softmax_backward(float *d, const float *p, size_t rows, size_t columns, float scale);
WARRANT_KERNEL(softmax_forward,
               (float *x, uint16_t *half, int keeps, size_t rows, size_t columns, float scale),
               (x, half, keeps, rows, columns, scale))
WARRANT_KERNEL(softmax_backward,
               (float *d, const float *p, size_t rows, size_t columns, float scale),
               (d, p, rows, columns, scale))

// A head's dropout is a site of its own.
static warrant_dropout head_dropout(const warrant_attention *attention, size_t head) {
    warrant_dropout dropout = attention->dropout;
    dropout.site = dropout.site + 0x10000u * (uint32_t)(head + 1);
    return dropout;
}

static void copy(float *to, const float *from, size_t count) {
    memcpy(to, from, count * sizeof(float));
}

// Query rows are taken in blocks whose scores stay in the second-level cache. A function of the
// document alone, so that its bits are the same in any company.
static size_t block_rows(size_t query_rows, size_t key_rows) {
    const size_t fitting = warrant_attention_block / key_rows;
    return fitting < 1 ? 1 : fitting < query_rows ? fitting : query_rows;
}

// Short documents: all heads in one product.
static int is_short(size_t heads, size_t query_rows, size_t key_rows) {
    return heads * query_rows * key_rows <= warrant_attention_block;
}

static size_t score_scratch(size_t heads, size_t query_rows, size_t key_rows) {
    return is_short(heads, query_rows, key_rows) ? heads * query_rows * key_rows
                                                 : block_rows(query_rows, key_rows) * key_rows;
}

size_t warrant_attention_scratch(size_t heads, size_t head_size, size_t query_rows,
                                 size_t key_rows) {
    return score_scratch(heads, query_rows, key_rows) + key_rows * head_size;
}

// The values of a head. In a long document they are read often enough to pay for laying them close.
static const float *head_values(const warrant_attention *a, size_t head, float *gathered,
                                size_t *stride) {
    enum { many_rows = 64 };
    const float *values = a->values + head * a->head_size;
    *stride = a->value_stride;
    if (a->query_rows < many_rows || a->key_rows < many_rows) return values;
    for (size_t row = 0; row < a->key_rows; row++)
        copy(gathered + row * a->head_size, values + row * a->value_stride, a->head_size);
    *stride = a->head_size;
    return gathered;
}

// out's rows from `first` on = dropout(p[rows, key_rows]) · values, for one head.
static int mix_block(const warrant_attention *a, size_t head, size_t first, size_t rows,
                     const float *p, const float *values, size_t value_stride, float *out,
                     size_t out_stride, float *scratch) {
    if (a->dropout.row_keys) {
        warrant_dropout dropout = head_dropout(a, head);
        dropout.row_keys += first;
        if (p != scratch) copy(scratch, p, rows * a->key_rows);
        warrant_dropout_apply(scratch, rows, a->key_rows, dropout);
        p = scratch;
    }
    return warrant_product(0, 0, rows, a->head_size, a->key_rows, p, a->key_rows, values,
                           value_stride, 0.0f, out + first * out_stride + head * a->head_size,
                           out_stride);
}

int warrant_attention_mix(const warrant_attention *a, const float *probabilities, float *out,
                          size_t out_stride, float *scratch) {
    const size_t block = block_rows(a->query_rows, a->key_rows);
    float *gathered = scratch + score_scratch(a->heads, a->query_rows, a->key_rows);
    for (size_t head = 0; head < a->heads; head++) {
        size_t value_stride;
        const float *values = head_values(a, head, gathered, &value_stride);
        for (size_t first = 0; first < a->query_rows; first += block) {
            const size_t rows = a->query_rows - first < block ? a->query_rows - first : block;
            const int status =
                mix_block(a, head, first, rows,
                          probabilities + (head * a->query_rows + first) * a->key_rows, values,
                          value_stride, out, out_stride, scratch);
            if (status) return status;
        }
    }
    return 0;
}

int warrant_attention_forward(const warrant_attention *a, float *probabilities, float *out,
                              size_t out_stride, float *scratch) {
    const size_t block = block_rows(a->query_rows, a->key_rows);
    const float scale = 1.0f / sqrtf((float)a->head_size);
    float *gathered = scratch + score_scratch(a->heads, a->query_rows, a->key_rows);
    for (size_t head = 0; head < a->heads; head++) {
        const size_t column = head * a->head_size;
        size_t value_stride;
        const float *values = head_values(a, head, gathered, &value_stride);
        for (size_t first = 0; first < a->query_rows; first += block) {
            const size_t rows = a->query_rows - first < block ? a->query_rows - first : block;
            float *p = probabilities
                           ? probabilities + (head * a->query_rows + first) * a->key_rows
                           : scratch;
            int status = warrant_product(0, 1, rows, a->key_rows, a->head_size,
                                         a->queries + first * a->query_stride + column,
                                         a->query_stride, a->keys + column, a->key_stride, 0.0f,
                                         p, a->key_rows);
            if (status) return status;
            softmax_forward(p, NULL, 1, rows, a->key_rows, scale);
            status = mix_block(a, head, first, rows, p, values, value_stride, out, out_stride,
                               scratch);
            if (status) return status;
        }
    }
    return 0;
}

int warrant_half_attention_forward(warrant_products *products, const warrant_half_attention *a,
                                   float *probabilities, uint16_t *out, size_t out_stride,
                                   float *scores, uint16_t *rounded) {
    const size_t block = block_rows(a->query_rows, a->key_rows);
    const size_t batch = is_short(a->heads, a->query_rows, a->key_rows) ? a->heads : 1;
    const float scale = 1.0f / sqrtf((float)a->head_size);
    for (size_t head = 0; head < a->heads; head += batch) {
        const size_t column = head * a->head_size;
        for (size_t first = 0; first < a->query_rows; first += block) {
            const size_t rows = a->query_rows - first < block ? a->query_rows - first : block;
            const warrant_matmul score = {
                .batch = batch, .m = rows, .n = a->key_rows, .k = a->head_size,
                .a_batch = a->head_size, .a_row = a->query_stride, .a_column = 1,
                .b_batch = a->head_size, .b_row = 1, .b_column = a->key_stride,
                .c_batch = rows * a->key_rows, .c_row = a->key_rows,
                .operands = WARRANT_BF16, .result = WARRANT_F32};
            int status = warrant_multiply(products, &score,
                                          a->queries + first * a->query_stride + column,
                                          a->keys + column, NULL, scores);
            if (status) return status;
            softmax_forward(scores, rounded, probabilities != NULL, batch * rows, a->key_rows,
                            scale);
            if (probabilities)
                for (size_t i = 0; i < batch; i++)
                    copy(probabilities + ((head + i) * a->query_rows + first) * a->key_rows,
                         scores + i * rows * a->key_rows, rows * a->key_rows);
            const warrant_matmul mix = {
                .batch = batch, .m = rows, .n = a->head_size, .k = a->key_rows,
                .a_batch = rows * a->key_rows, .a_row = a->key_rows, .a_column = 1,
                .b_batch = a->head_size, .b_row = a->value_stride, .b_column = 1,
                .c_batch = a->head_size, .c_row = out_stride,
                .operands = WARRANT_BF16, .result = WARRANT_BF16};
            status = warrant_multiply(products, &mix, rounded, a->values + column, NULL,
                                      out + first * out_stride + column);
            if (status) return status;
        }
    }
    return 0;
}

int warrant_half_attention_mix(warrant_products *products, const warrant_half_attention *a,
                               const float *probabilities, uint16_t *out, size_t out_stride,
                               uint16_t *rounded) {
    const size_t block = block_rows(a->query_rows, a->key_rows);
    for (size_t head = 0; head < a->heads; head++) {
        for (size_t first = 0; first < a->query_rows; first += block) {
            const size_t rows = a->query_rows - first < block ? a->query_rows - first : block;
            warrant_round(rounded, probabilities + (head * a->query_rows + first) * a->key_rows,
                          rows * a->key_rows);
            const warrant_matmul mix = {
                .batch = 1, .m = rows, .n = a->head_size, .k = a->key_rows,
                .a_row = a->key_rows, .a_column = 1, .b_row = a->value_stride, .b_column = 1,
                .c_row = out_stride, .operands = WARRANT_BF16, .result = WARRANT_BF16};
            const int status = warrant_multiply(
                products, &mix, rounded, a->values + head * a->head_size, NULL,
                out + first * out_stride + head * a->head_size);
            if (status) return status;
        }
    }
    return 0;
}

int warrant_attention_backward(const warrant_attention *a, const float *probabilities,
                               const float *d_out, size_t d_out_stride,
                               const warrant_attention_gradients *d, float *scratch) {
    const size_t area = a->query_rows * a->key_rows;
    const float scale = 1.0f / sqrtf((float)a->head_size);
    float *d_p = scratch;
    for (size_t head = 0; head < a->heads; head++) {
        const size_t column = head * a->head_size;
        const float *p = probabilities + head * area;
        const float *dropped = p;
        if (a->dropout.row_keys) {
            float *again = scratch + area;
            copy(again, p, area);
            warrant_dropout_apply(again, a->query_rows, a->key_rows, head_dropout(a, head));
            dropped = again;
        }
        // d_values = dropped probabilitiesᵀ · d_out
        int status = warrant_product(1, 0, a->key_rows, a->head_size, a->query_rows, dropped,
                                     a->key_rows, d_out + column, d_out_stride,
                                     d->adds_to_values ? 1.0f : 0.0f, d->values + column,
                                     d->value_stride);
        if (status) return status;
        if (!d->queries) continue;
        // d_probabilities = d_out · valuesᵀ
        status = warrant_product(0, 1, a->query_rows, a->key_rows, a->head_size, d_out + column,
                                 d_out_stride, a->values + column, a->value_stride, 0.0f, d_p,
                                 a->key_rows);
        if (status) return status;
        if (a->dropout.row_keys)
            warrant_dropout_apply(d_p, a->query_rows, a->key_rows, head_dropout(a, head));
        softmax_backward(d_p, p, a->query_rows, a->key_rows, scale);
        status = warrant_product(0, 0, a->query_rows, a->head_size, a->key_rows, d_p, a->key_rows,
                                 a->keys + column, a->key_stride, d->adds_to_queries ? 1.0f : 0.0f,
                                 d->queries + column, d->query_stride);
        if (status) return status;
        status = warrant_product(1, 0, a->key_rows, a->head_size, a->query_rows, d_p, a->key_rows,
                                 a->queries + column, a->query_stride, d->adds_to_keys ? 1.0f : 0.0f,
                                 d->keys + column, d->key_stride);
        if (status) return status;
    }
    return 0;
}
