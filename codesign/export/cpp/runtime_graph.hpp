// ---- graphs: value i of vector m of events is at [i * M + m]; T is a vector of events, or the float of one ----

// The weights of a graph carry no log2(e).
struct Logistic {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return Sigmoid::apply(x * -1.44269504f);
  }
};

struct HyperbolicTangent {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return Tanh::apply(x * -2.88539008f);
  }
};

struct Swish {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return x * Logistic::apply(x);
  }
};

template <class F>
CODESIGN_INLINE F clipped(F x, float low, float high) noexcept {
  return at_most(F{} + high, at_least(F{} + low, x));
}

struct Plus {
  template <class F>
  static CODESIGN_INLINE F apply(F a, F b) noexcept {
    return a + b;
  }
};

struct Minus {
  template <class F>
  static CODESIGN_INLINE F apply(F a, F b) noexcept {
    return a - b;
  }
};

struct Times {
  template <class F>
  static CODESIGN_INLINE F apply(F a, F b) noexcept {
    return a * b;
  }
};

// NaN in either makes NaN.
struct Larger {
  template <class F>
  static CODESIGN_INLINE F apply(F a, F b) noexcept {
    const F larger = at_least(b, a);
    return b != b ? b : larger;
  }
};

struct Smaller {
  template <class F>
  static CODESIGN_INLINE F apply(F a, F b) noexcept {
    const F smaller = at_most(b, a);
    return b != b ? b : smaller;
  }
};

// Where a value comes from: from the same place, or from one in a table.
struct Same {
  static constexpr int at(int i) noexcept { return i; }
};

template <int N, int M, class From, class T>
inline void move_values(const T* x, T* y) noexcept {
  for (int i = 0; i < N; ++i)
    for (int m = 0; m < M; ++m) y[i * M + m] = x[From::at(i) * M + m];
}

template <int N, int M, class Act, class T>
inline void map_values(const T* x, T* y) noexcept {
  for (int k = 0; k < N * M; ++k) y[k] = Act::apply(x[k]);
}

template <int N, int M, class Act, class FromA, class FromB, class T>
inline void merge_values(const T* a, const T* b, T* y) noexcept {
  for (int i = 0; i < N; ++i)
    for (int m = 0; m < M; ++m) y[i * M + m] = Act::apply(a[FromA::at(i) * M + m], b[FromB::at(i) * M + m]);
}

// Along the middle of three axes; a mean is divided by its length.
template <int Outer, int Length, int Inner, int M, class Act, bool Mean, class T>
inline void reduce_values(const T* x, T* y) noexcept {
  for (int o = 0; o < Outer; ++o)
    for (int k = 0; k < Inner * M; ++k) {
      T value = x[o * Length * Inner * M + k];
      for (int l = 1; l < Length; ++l) value = Act::apply(value, x[(o * Length + l) * Inner * M + k]);
      y[o * Inner * M + k] = Mean ? value / float(Length) : value;
    }
}

template <int N, int M, class T>
inline void dot_values(const T* a, const T* b, T* y) noexcept {
  for (int m = 0; m < M; ++m) {
    T sum = a[m] * b[m];
    for (int i = 1; i < N; ++i) sum += a[i * M + m] * b[i * M + m];
    y[m] = sum;
  }
}

// The same layer at each position.
template <int Positions, int In, int Out, int Stride, int M, class Act, class T>
inline void dense_values(const T* x, T* y, const float* weight, const float* bias) noexcept {
  for (int p = 0; p < Positions; ++p) {
    if constexpr (std::is_same<T, float>::value && M == 1) {
      alignas(64) float sums[Stride];
      dense_event<In, Out, Stride, Act>(x + p * In, sums, weight, bias);
      for (int u = 0; u < Out; ++u) y[p * Out + u] = sums[u];
    } else {
      dense_batch<M, In, Out, Stride, Act>(x + p * In * M, y + p * Out * M, weight, bias);
    }
  }
}

// (x + offset) * scale, or x * scale + offset, of constants that repeat after Period values.
template <int N, int Period, int M, bool Shifts, class T>
inline void affine_values(const T* x, T* y, const float* offset, const float* scale) noexcept {
  for (int first = 0; first < N; first += Period)
    for (int i = 0; i < Period; ++i)
      for (int m = 0; m < M; ++m) {
        const T value = x[(first + i) * M + m];
        y[(first + i) * M + m] = Shifts ? (value + offset[i]) * scale[i] : value * scale[i] + offset[i];
      }
}

template <int Positions, int N, int M, class T>
inline void softmax_values(const T* x, T* y) noexcept {
  for (int p = 0; p < Positions; ++p)
    for (int m = 0; m < M; ++m) {
      const T* const from = x + p * N * M + m;
      T* const to = y + p * N * M + m;
      T highest = from[0], sum = T{};
      for (int u = 1; u < N; ++u) highest = at_least(highest, from[u * M]);
      for (int u = 0; u < N; ++u) sum += to[u * M] = power_of_two((from[u * M] - highest) * 1.44269504f);
      sum = 1.0f / sum;
      for (int u = 0; u < N; ++u) to[u * M] *= sum;
    }
}

// The rows of a table that numbers from 0 name; NaN for others.
template <int N, int Entries, int Width, int M, class T>
inline void embed_values(const T* x, T* y, const float* entries) noexcept {
  constexpr int lanes = int(sizeof(T) / sizeof(float));
  for (int i = 0; i < N; ++i)
    for (int m = 0; m < M; ++m) {
      float index[lanes], value[lanes];
      store(index, x[i * M + m]);
      for (int v = 0; v < Width; ++v) {
        for (int lane = 0; lane < lanes; ++lane) {
          const bool inside = index[lane] >= 0.0f && index[lane] < float(Entries);
          value[lane] = inside ? entries[int(index[lane]) * Width + v] : std::numeric_limits<float>::quiet_NaN();
        }
        y[(i * Width + v) * M + m] = load<T>(value);
      }
    }
}
