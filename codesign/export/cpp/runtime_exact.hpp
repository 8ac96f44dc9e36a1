// ---- events with NaN, inf or numbers beyond 1e19: weights of zero count, for inf times zero is NaN ----

inline bool is_finite(float x) noexcept {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return (bits & 0x7f800000u) != 0x7f800000u;
}

// A layer by its live weights, unit after unit: those of unit u end at ends[u], and come from the inputs in `from`.
template <int In, int Out, class Act>
inline void exact_layer(const float* x, float* y, const int* ends, const int* from, const float* weight, const float* bias,
                        float factor) noexcept {
  int irregular = 0;
  for (int i = 0; i < In; ++i) irregular += !is_finite(x[i]);
  for (int u = 0, k = 0; u < Out; ++u) {
    float sum = 0.0f;
    int met = 0;
    for (; k < ends[u]; ++k) {
      met += !is_finite(x[from[k]]);
      sum += x[from[k]] * weight[k];
    }
    sum += bias[u];
    y[u] = Act::apply(met < irregular ? std::numeric_limits<float>::quiet_NaN() : sum * factor);
  }
}

@TABLES@CODESIGN_RARE void exact(const float* x, float* outputs) noexcept {
@CALLS@
}

// The irregular events of a block once more: what the sum of the squares is tells them from the others.
template <int M>
inline void redo(const Wide (&sums)[M], const float* events, float* outputs) noexcept {
  Wide all = sums[0];
  for (int m = 1; m < M; ++m) all += sums[m];
  all -= all;  // 0, or NaN
  std::uint32_t lanes[widest], any = 0;
  std::memcpy(lanes, &all, sizeof all);
  for (int lane = 0; lane < widest; ++lane) any |= lanes[lane];
  if (any == 0) return;
  for (int event = 0; event < M * widest; ++event)
    if (is_irregular<n_inputs>(events + event * n_inputs)) exact(events + event * n_inputs, outputs + event * n_outputs);
}

