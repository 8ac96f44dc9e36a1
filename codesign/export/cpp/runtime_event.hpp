// ---- one event: vectors of units ----

inline constexpr int padding = 16;  // floats: rows of weights, and buffers of values, are padded to a multiple

constexpr int padded(int n) { return (n + padding - 1) / padding * padding; }

// The narrowest vectors that hold all units, or the widest there are.
constexpr int event_lanes(int n) { return widest == 1 ? 1 : n <= 4 ? 4 : n <= 8 && widest >= 8 ? 8 : widest; }

template <int N>
inline void standardise_event(const float* x, float* y, const float* offset, const float* scale) noexcept {
  for (int i = 0; i < N; ++i) y[i] = (x[i] + offset[i]) * scale[i];
}

// Whether a value is NaN, inf, or beyond 1e19, where a sum may be inf: the squares add up to NaN or inf.
template <int N>
inline bool is_irregular(const float* x) noexcept {
  float squares[4] = {};
  constexpr int whole = N / 4 * 4;
  for (int i = 0; i < whole; i += 4)
    for (int j = 0; j < 4; ++j) squares[j] += x[i + j] * x[i + j];
  for (int i = whole; i < N; ++i) squares[0] += x[i] * x[i];
  const float sum = (squares[0] + squares[1]) + (squares[2] + squares[3]);
  return !(sum <= std::numeric_limits<float>::max());
}

// y = act(bias + x weight), V vectors of units at a time, in P partial sums so that they do not wait for each other.
template <int N, int V, int P, int In, int Stride, class Act>
CODESIGN_INLINE void event_tile(const float* x, float* y, const float* weight, const float* bias) noexcept {
  typedef Vector<N> F;
  F sum[P][V];
  for (int v = 0; v < V; ++v) sum[0][v] = load<F>(bias + v * N);
  for (int p = 1; p < P; ++p)
    for (int v = 0; v < V; ++v) sum[p][v] = F{};
  constexpr int whole = In / P * P;
  for (int i = 0; i < whole; i += P)
    for (int p = 0; p < P; ++p)
      for (int v = 0; v < V; ++v) sum[p][v] += x[i + p] * load<F>(weight + (i + p) * Stride + v * N);
  for (int i = whole; i < In; ++i)
    for (int v = 0; v < V; ++v) sum[0][v] += x[i] * load<F>(weight + i * Stride + v * N);
  for (int half = P / 2; half > 0; half /= 2)
    for (int p = 0; p < half; ++p)
      for (int v = 0; v < V; ++v) sum[p][v] += sum[p + half][v];
  for (int v = 0; v < V; ++v) store(y + v * N, Act::apply(sum[0][v]));
}

template <int In, int Out, int Stride, class Act>
inline void dense_event(const float* x, float* y, const float* weight, const float* bias) noexcept {
  constexpr int N = event_lanes(Out), vectors = (Out + N - 1) / N, V = vectors < 8 ? vectors : 8, rest = vectors % V;
  constexpr int P = In < 8 ? 1 : V == 1 ? 8 : V == 2 ? 4 : V <= 4 ? 2 : 1;
  for (int v = 0; v + V <= vectors; v += V) event_tile<N, V, P, In, Stride, Act>(x, y + v * N, weight + v * N, bias + v * N);
  if constexpr (rest > 0) {
    constexpr int at = (vectors - rest) * N;
    event_tile<N, rest, P, In, Stride, Act>(x, y + at, weight + at, bias + at);
  }
}

// The activation alone, for what straight-line code has summed.
template <int Out, class Act>
inline void activate_event(float* y) noexcept {
  constexpr int N = event_lanes(Out);
  for (int v = 0; v < Out; v += N) store(y + v, Act::apply(load<Vector<N>>(y + v)));
}

template <int Out>
inline void softmax_event(float* y) noexcept {
  float highest = y[0], sum = 0.0f;
  for (int u = 1; u < Out; ++u) highest = at_least(highest, y[u]);
  for (int u = 0; u < Out; ++u) y[u] -= highest;
  constexpr int N = event_lanes(Out);
  for (int v = 0; v < Out; v += N) store(y + v, power_of_two(load<Vector<N>>(y + v)));
  for (int u = 0; u < Out; ++u) sum += y[u];
  for (int u = 0; u < Out; ++u) y[u] /= sum;
}
