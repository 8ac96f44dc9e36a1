// ---- batches of any size ----

inline void batch(const float* events, float* outputs, std::size_t n) noexcept {
  constexpr std::size_t lanes = widest, large = lanes * block_vectors;
  std::size_t done = 0;
  for (; done + large <= n; done += large) block<block_vectors>(events + done * n_inputs, outputs + done * n_outputs);
  for (; done + lanes <= n; done += lanes) block<1>(events + done * n_inputs, outputs + done * n_outputs);
  if (done == n) return;
  float last[lanes * n_inputs] = {}, result[lanes * n_outputs];
  std::memcpy(last, events + done * n_inputs, (n - done) * n_inputs * sizeof(float));
  block<1>(last, result);
  std::memcpy(outputs + done * n_outputs, result, (n - done) * n_outputs * sizeof(float));
}
