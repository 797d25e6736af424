// Srivastava et al. 2014, inverted: kept elements are scaled by 1 / (1 - p).
#include "Dispatch.h"
#include "Numerics.h"

WARRANT_BODY warrant_dropout_apply_body(float *x, size_t rows, size_t columns,
                                        warrant_dropout dropout) {
    const uint32_t limit = warrant_drop_limit(dropout.probability);
    const float scale = 1.0f / (1.0f - dropout.probability);
    for (size_t row = 0; row < rows; row++) {
        const uint32_t key = warrant_site_key(dropout.row_keys[row], dropout.site);
        float *values = x + row * columns;
        for (size_t column = 0; column < columns; column++)
            values[column] =
                warrant_hash(key, (uint32_t)column) < limit ? 0.0f : values[column] * scale;
    }
}

WARRANT_KERNEL(warrant_dropout_apply,
               (float *x, size_t rows, size_t columns, warrant_dropout dropout),
               (x, rows, columns, dropout))
