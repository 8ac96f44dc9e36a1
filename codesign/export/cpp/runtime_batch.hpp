// ---- batches: value i of vector m of a block of events is at [i * M + m] ----

// Units [0, U) of a layer for M vectors of events: U * M sums stay in registers.
template <int U, int M, int In, int Stride, class Act>
CODESIGN_INLINE void tile(const Wide* x, Wide* y, const float* weight, const float* bias) noexcept {
  Wide sum[U][M];
  for (int u = 0; u < U; ++u)
    for (int m = 0; m < M; ++m) sum[u][m] = bias[u] - Wide{};
  for (int i = 0; i < In; ++i, weight += Stride)
    for (int u = 0; u < U; ++u)
      for (int m = 0; m < M; ++m) sum[u][m] += weight[u] * x[i * M + m];
  for (int u = 0; u < U; ++u)
    for (int m = 0; m < M; ++m) y[u * M + m] = Act::apply(sum[u][m]);
}

template <int M, int In, int Out, int Stride, class Act>
inline void dense_batch(const Wide* x, Wide* y, const float* weight, const float* bias) noexcept {
  constexpr int U = tile_units, rest = Out % U;
  for (int u = 0; u + U <= Out; u += U) tile<U, M, In, Stride, Act>(x, y + u * M, weight + u, bias + u);
  if constexpr (rest > 0) tile<rest, M, In, Stride, Act>(x, y + (Out - rest) * M, weight + (Out - rest), bias + (Out - rest));
}

template <int M, int In, int Stride>
CODESIGN_INLINE Wide sum_of_unit(const Wide* x, const float* weight, float bias) noexcept {
  Wide sum = bias - Wide{};  // "+" would be an addition: -0 + 0 is 0
  for (int i = 0; i < In; ++i) sum += weight[i * Stride] * x[i * M];
  return sum;
}

// A layer of sigmoid or tanh and one output of the next: the sums of a unit are computed beside the activation of the unit
// before, which waits for its division, and goes into the output at once.
template <int M, int In, int Hidden, int Stride, int StrideAfter, class Act, class ActAfter>
inline void fused_batch(const Wide* x, Wide* y, const float* weight, const float* bias, const float* after,
                        const float* bias_after) noexcept {
  Wide sum[M], out[M];
  CODESIGN_UNROLL
  for (int m = 0; m < M; ++m) {
    sum[m] = sum_of_unit<M, In, Stride>(x + m, weight, bias[0]);
    out[m] = bias_after[0] - Wide{};
  }
  for (int u = 1; u < Hidden; ++u) {
    CODESIGN_UNROLL
    for (int m = 0; m < M; ++m) {
      const Wide next = sum_of_unit<M, In, Stride>(x + m, weight + u, bias[u]);
      out[m] += Act::times(after[(u - 1) * StrideAfter], sum[m]);
      sum[m] = next;
    }
  }
  CODESIGN_UNROLL
  for (int m = 0; m < M; ++m) y[m] = ActAfter::apply(out[m] + Act::times(after[(Hidden - 1) * StrideAfter], sum[m]));
}

template <int N, int M>
inline void standardise_batch(Wide* x, const float* offset, const float* scale) noexcept {
  for (int i = 0; i < N; ++i)
    for (int m = 0; m < M; ++m) x[i * M + m] = (x[i * M + m] + offset[i]) * scale[i];
}

template <int M, int Out>
inline void softmax_batch(Wide* y) noexcept {
  for (int m = 0; m < M; ++m) {
    Wide highest = y[m], sum = Wide{};
    for (int u = 1; u < Out; ++u) highest = at_least(highest, y[u * M + m]);
    for (int u = 0; u < Out; ++u) sum += y[u * M + m] = power_of_two(y[u * M + m] - highest);
    sum = 1.0f / sum;
    for (int u = 0; u < Out; ++u) y[u * M + m] *= sum;
  }
}

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector) && CODESIGN_VECTORS
#define CODESIGN_SHUFFLES 1
#endif
#endif
#ifndef CODESIGN_SHUFFLES
#define CODESIGN_SHUFFLES 0
#endif

#if CODESIGN_SHUFFLES
// Four floats of row j, j + 4, j + 8, ... beside each other.
template <int N>
CODESIGN_INLINE Vector<N> gather_rows(const float* row, std::size_t stride) noexcept {
  if constexpr (N == 4) {
    return load<Vector<4>>(row);
  } else if constexpr (N == 8) {
    return __builtin_shufflevector(gather_rows<4>(row, stride), gather_rows<4>(row + 4 * stride, stride), 0, 1, 2, 3, 4, 5, 6, 7);
  } else {
    return __builtin_shufflevector(gather_rows<8>(row, stride), gather_rows<8>(row + 8 * stride, stride), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
                                   10, 11, 12, 13, 14, 15);
  }
}

template <int N>
CODESIGN_INLINE void scatter_rows(float* row, std::size_t stride, Vector<N> value) noexcept {
  if constexpr (N == 4) {
    store(row, value);
  } else if constexpr (N == 8) {
    scatter_rows<4>(row, stride, __builtin_shufflevector(value, value, 0, 1, 2, 3));
    scatter_rows<4>(row + 4 * stride, stride, __builtin_shufflevector(value, value, 4, 5, 6, 7));
  } else {
    scatter_rows<8>(row, stride, __builtin_shufflevector(value, value, 0, 1, 2, 3, 4, 5, 6, 7));
    scatter_rows<8>(row + 8 * stride, stride, __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15));
  }
}

// [a0 b0 a1 b1] and [a2 b2 a3 b3], and halves of both, in each 4 lanes.
template <int N>
CODESIGN_INLINE Vector<N> interleave(Vector<N> a, Vector<N> b, bool high) noexcept {
  if constexpr (N == 4) {
    return high ? __builtin_shufflevector(a, b, 2, 6, 3, 7) : __builtin_shufflevector(a, b, 0, 4, 1, 5);
  } else if constexpr (N == 8) {
    return high ? __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15) : __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
  } else {
    return high ? __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
                : __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
  }
}

template <int N>
CODESIGN_INLINE Vector<N> join(Vector<N> a, Vector<N> b, bool high) noexcept {
  if constexpr (N == 4) {
    return high ? __builtin_shufflevector(a, b, 2, 3, 6, 7) : __builtin_shufflevector(a, b, 0, 1, 4, 5);
  } else if constexpr (N == 8) {
    return high ? __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15) : __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
  } else {
    return high ? __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
                : __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
  }
}

// Transposes every 4 x 4 block of lanes of four vectors.
CODESIGN_INLINE void transpose(Wide (&v)[4]) noexcept {
  const Wide low = interleave<widest>(v[0], v[1], false), high = interleave<widest>(v[0], v[1], true);
  const Wide low2 = interleave<widest>(v[2], v[3], false), high2 = interleave<widest>(v[2], v[3], true);
  v[0] = join<widest>(low, low2, false);
  v[1] = join<widest>(low, low2, true);
  v[2] = join<widest>(high, high2, false);
  v[3] = join<widest>(high, high2, true);
}

// Four values of `widest` events, one vector each, M vectors apart; with Check, their squares added to `sums`.
template <int N, int M, bool Check>
CODESIGN_INLINE void four_columns(const float* rows, Wide* columns, Wide (&sums)[4]) noexcept {
  Wide v[4];
  for (int j = 0; j < 4; ++j) v[j] = gather_rows<widest>(rows + j * N, N);
  transpose(v);
  for (int j = 0; j < 4; ++j) columns[j * M] = v[j];
  if constexpr (Check)
    for (int j = 0; j < 4; ++j) sums[j] += v[j] * v[j];
}

#if defined(__AVX512F__)
// Eight values of 16 events: a fifth fewer shuffles than four at a time, and half the loads.
template <int N, int M, bool Check>
CODESIGN_INLINE void eight_columns(const float* rows, Wide* columns, Wide (&sums)[4]) noexcept {
  Wide v[2][4];
  for (int half = 0; half < 2; ++half) {
    for (int j = 0; j < 4; ++j) {
      const float* row = rows + (half * 8 + j) * N;
      v[half][j] = __builtin_shufflevector(load<Vector<8>>(row), load<Vector<8>>(row + 4 * N), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                                           13, 14, 15);
    }
    transpose(v[half]);
  }
  for (int j = 0; j < 4; ++j) {
    const Wide a = v[0][j], b = v[1][j];
    columns[j * M] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    columns[(j + 4) * M] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  }
  if constexpr (Check)  // in whatever order
    for (int j = 0; j < 4; ++j) sums[j] += v[0][j] * v[0][j], sums[j] += v[1][j] * v[1][j];
}
#endif

// The cache lines, of 64 bytes, of N values of `widest` events.
template <int N>
CODESIGN_INLINE void fetch(const float* values) noexcept {
  for (int line = 0; line < widest * N / 16; ++line) __builtin_prefetch(values + line * 16, 0, 2);
}
#endif

// `widest` events from rows of N values to one vector per value, M vectors apart, while the events of the next block come into the
// cache. With Check, NaN, inf or a number beyond 1e19 anywhere in the events makes NaN or inf of some lane of `sum`.
template <int N, int M, bool Check>
CODESIGN_INLINE void to_columns(const float* rows, Wide* columns, Wide& sum) noexcept {
#if CODESIGN_SHUFFLES
  if constexpr (N >= 4) {
    const float* const next = rows + M * widest * N;
    Wide sums[4] = {};
    int i = 0;
#if defined(__AVX512F__)
    for (; i + 8 <= N; i += 8) {
      fetch<8>(next + i * widest);
      eight_columns<N, M, Check>(rows + i, columns + i * M, sums);
    }
#endif
    for (; i < N; i += 4) {
      const int first = i + 4 <= N ? i : N - 4;  // the last four overlap the four before them
      fetch<4>(next + first * widest);
      four_columns<N, M, Check>(rows + first, columns + first * M, sums);
    }
    if constexpr (Check) sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    return;
  }
#endif
  for (int i = 0; i < N; ++i) {
    float lanes[widest];
    for (int lane = 0; lane < widest; ++lane) lanes[lane] = rows[lane * N + i];
    columns[i * M] = load<Wide>(lanes);
    if constexpr (Check) sum += columns[i * M] * columns[i * M];
  }
}

template <int N, int M>
CODESIGN_INLINE void to_rows(const Wide* columns, float* rows) noexcept {
#if CODESIGN_SHUFFLES
  if constexpr (N >= 4) {
    for (int i = 0; i < N; i += 4) {
      const int first = i + 4 <= N ? i : N - 4;
      Wide block[4];
      for (int j = 0; j < 4; ++j) block[j] = columns[(first + j) * M];
      transpose(block);
      for (int j = 0; j < 4; ++j) scatter_rows<widest>(rows + j * N + first, N, block[j]);
    }
    return;
  }
#endif
  for (int i = 0; i < N; ++i) {
    float lanes[widest];
    store(lanes, columns[i * M]);
    for (int lane = 0; lane < widest; ++lane) rows[lane * N + i] = lanes[lane];
  }
}
