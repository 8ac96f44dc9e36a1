// ---- functions of the standard library, one lane after the other; products of matrices, comparisons, choices ----

template <class F, class Function>
CODESIGN_INLINE F lane_by_lane(F x, Function function) noexcept {
  constexpr int lanes = int(sizeof(F) / sizeof(float));
  float values[lanes];
  store(values, x);
  for (int lane = 0; lane < lanes; ++lane) values[lane] = function(values[lane]);
  return load<F>(values);
}

CODESIGN_INLINE float softplus_of(float x) noexcept {
  return x > 0.0f ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

template <int N, int M, class T>
inline void clear_values(T* y) noexcept {
  for (int k = 0; k < N * M; ++k) y[k] = T{};
}

// One product of matrices, (Rows, Inner) and (Inner, Columns).
template <int Rows, int Inner, int Columns, int M, class T>
inline void multiply_matrices(const T* a, const T* b, T* y) noexcept {
  for (int r = 0; r < Rows; ++r)
    for (int c = 0; c < Columns; ++c)
      for (int m = 0; m < M; ++m) {
        T sum = T{};
        for (int i = 0; i < Inner; ++i) sum += a[(r * Inner + i) * M + m] * b[(i * Columns + c) * M + m];
        y[(r * Columns + c) * M + m] = sum;
      }
}

// The second value where the first is not 0, else the third.
template <int N, int M, class FromC, class FromA, class FromB, class T>
inline void select_values(const T* c, const T* a, const T* b, T* y) noexcept {
  for (int i = 0; i < N; ++i)
    for (int m = 0; m < M; ++m) {
      const T first = a[FromA::at(i) * M + m], second = b[FromB::at(i) * M + m];
      y[i * M + m] = c[FromC::at(i) * M + m] != 0.0f ? first : second;
    }
}

// The place of the largest along the middle of three axes, of equal ones the first.
template <int Outer, int Length, int Inner, int M, class T>
inline void find_largest(const T* x, T* y) noexcept {
  constexpr int lanes = int(sizeof(T) / sizeof(float));
  for (int o = 0; o < Outer; ++o)
    for (int k = 0; k < Inner * M; ++k) {
      float largest[lanes], place[lanes], value[lanes];
      store(largest, x[o * Length * Inner * M + k]);
      for (int lane = 0; lane < lanes; ++lane) place[lane] = 0.0f;
      for (int l = 1; l < Length; ++l) {
        store(value, x[(o * Length + l) * Inner * M + k]);
        for (int lane = 0; lane < lanes; ++lane)
          if (value[lane] > largest[lane]) {
            largest[lane] = value[lane];
            place[lane] = float(l);
          }
      }
      y[o * Inner * M + k] = load<T>(place);
    }
}

template <int Positions, int N, int M, class T>
inline void log_softmax_values(const T* x, T* y) noexcept {
  for (int p = 0; p < Positions; ++p)
    for (int m = 0; m < M; ++m) {
      const T* const from = x + p * N * M + m;
      T highest = from[0], sum = T{};
      for (int u = 1; u < N; ++u) highest = at_least(highest, from[u * M]);
      for (int u = 0; u < N; ++u) sum += lane_by_lane(from[u * M] - highest, [](float v) noexcept { return std::exp(v); });
      highest += lane_by_lane(sum, [](float v) noexcept { return std::log(v); });
      for (int u = 0; u < N; ++u) y[(p * N + u) * M + m] = from[u * M] - highest;
    }
}
