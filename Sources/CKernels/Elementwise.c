#include <math.h>

#include "Dispatch.h"
#include "Numerics.h"

WARRANT_BODY warrant_tanh_forward_body(float *x, size_t count) {
    WARRANT_EACH
    for (size_t i = 0; i < count; i++) x[i] = warrant_tanh(x[i]);
}

WARRANT_KERNEL(warrant_tanh_forward, (float *x, size_t count), (x, count))

void warrant_tanh_exact(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = tanhf(x[i]);
}

void warrant_tanh_backward(float *d_x, const float *d_out, const float *out, size_t count) {
    for (size_t i = 0; i < count; i++) d_x[i] = d_out[i] * (1.0f - out[i] * out[i]);
}

void warrant_relu_forward(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = x[i] < 0.0f ? 0.0f : x[i];
}

void warrant_relu_backward(float *d_x, const float *d_out, const float *out, size_t count) {
    for (size_t i = 0; i < count; i++) d_x[i] = out[i] > 0.0f ? d_out[i] : 0.0f;
}

WARRANT_BODY warrant_embedding_sum_body(float *out, const float *words, const float *positions,
                                        const float *segments, const int32_t *word_ids,
                                        const int32_t *position_ids, const int32_t *segment_ids,
                                        size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++) {
        const float *word = words + (size_t)word_ids[row] * columns;
        const float *position = positions + (size_t)position_ids[row] * columns;
        float *result = out + row * columns;
        if (segments == NULL) {
            for (size_t c = 0; c < columns; c++) result[c] = word[c] + position[c];
            continue;
        }
        const float *segment = segments + (size_t)segment_ids[row] * columns;
        for (size_t c = 0; c < columns; c++) result[c] = word[c] + position[c] + segment[c];
    }
}

WARRANT_BODY warrant_column_sums_body(float *sums, const float *x, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++)
        for (size_t c = 0; c < columns; c++) sums[c] += x[row * columns + c];
}

WARRANT_BODY warrant_add_bias_body(float *x, const float *bias, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++)
        for (size_t c = 0; c < columns; c++) x[row * columns + c] += bias[c];
}

WARRANT_BODY warrant_add_body(float *y, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] += x[i];
}

WARRANT_BODY warrant_sum_parts_body(float *sum, const float *const *parts, size_t part_count,
                                    size_t count) {
    enum { size = 1024 };
    for (size_t start = 0; start < count; start += size) {
        float block[size];
        const size_t rest = count - start < size ? count - start : size;
        warrant_sum_block(block, parts, part_count, start, rest);
        for (size_t i = 0; i < rest; i++) sum[start + i] = block[i];
    }
}

// Blocks are summed in float, their sums in double.
WARRANT_BODY warrant_squares_body(const float *const *parts, size_t part_count, size_t count,
                                  double *result) {
    enum { size = 1024 };
    double total = 0;
    for (size_t start = 0; start < count; start += size) {
        float block[size];
        const size_t rest = count - start < size ? count - start : size;
        warrant_sum_block(block, parts, part_count, start, rest);
        float squares = 0;
        {
#pragma clang fp reassociate(on)
            for (size_t i = 0; i < rest; i++) squares += block[i] * block[i];
        }
        total += (double)squares;
    }
    *result = total;
}

WARRANT_BODY warrant_round_body(uint16_t *half, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) half[i] = warrant_bf16(x[i]);
}

WARRANT_KERNEL(warrant_embedding_sum,
               (float *out, const float *words, const float *positions, const float *segments,
                const int32_t *word_ids, const int32_t *position_ids, const int32_t *segment_ids,
                size_t rows, size_t columns),
               (out, words, positions, segments, word_ids, position_ids, segment_ids, rows,
                columns))
WARRANT_KERNEL(warrant_column_sums, (float *sums, const float *x, size_t rows, size_t columns),
               (sums, x, rows, columns))
WARRANT_KERNEL(warrant_add_bias,
               (float *x, const float *bias, size_t rows, size_t columns),
               (x, bias, rows, columns))
WARRANT_KERNEL(warrant_add, (float *y, const float *x, size_t count), (y, x, count))
WARRANT_KERNEL(warrant_sum_parts,
               (float *sum, const float *const *parts, size_t part_count, size_t count),
               (sum, parts, part_count, count))
WARRANT_KERNEL(warrant_round, (uint16_t *half, const float *x, size_t count), (half, x, count))
void warrant_squares(const float *const *parts, size_t part_count, size_t count, double *result);
WARRANT_KERNEL(warrant_squares,
               (const float *const *parts, size_t part_count, size_t count, double *result),
               (parts, part_count, count, result))

double warrant_sum_of_squares(const float *const *parts, size_t part_count, size_t count) {
    double result;
    warrant_squares(parts, part_count, count, &result);
    return result;
}
