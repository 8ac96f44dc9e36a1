// ---- batches: value i of vector m of a block of events is at [i * M + m] ----

// Units [0, U) of a layer for M vectors of events: U * M sums stay in registers.
template <int U, int M, int In, int Stride, class Act>
CODESIGN_INLINE void tile(const Wide* x, Wide* y, const float* weight, const float* bias) noexcept {
  Wide sum[U][M];
  for (int u = 0; u < U; ++u)
    for (int m = 0; m < M; ++m) sum[u][m] = Wide{} + bias[u];
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
    for (int u = 0; u < Out; ++u) y[u * M + m] /= sum;
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
#endif

// `widest` events from rows of N values to one vector per value, M vectors apart; with Check, `bad` becomes NaN for those with NaN or inf.
template <int N, int M, bool Check>
CODESIGN_INLINE void to_columns(const float* rows, Wide* columns, Wide& bad) noexcept {
#if CODESIGN_SHUFFLES
  if constexpr (N >= 4) {
    Wide some[4] = {};
    for (int i = 0; i < N; i += 4) {
      const int first = i + 4 <= N ? i : N - 4;  // the last four overlap the four before them
      Wide block[4];
      for (int j = 0; j < 4; ++j) block[j] = gather_rows<widest>(rows + j * N + first, N);
      transpose(block);
      for (int j = 0; j < 4; ++j) columns[(first + j) * M] = block[j];
      if constexpr (Check)
        for (int j = 0; j < 4; ++j) some[j] += block[j] * 0.0f;
    }
    if constexpr (Check) bad = (some[0] + some[1]) + (some[2] + some[3]);
    return;
  }
#endif
  for (int i = 0; i < N; ++i) {
    float lanes[widest];
    for (int lane = 0; lane < widest; ++lane) lanes[lane] = rows[lane * N + i];
    columns[i * M] = load<Wide>(lanes);
    if constexpr (Check) bad += columns[i * M] * 0.0f;
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
