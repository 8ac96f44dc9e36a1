// Events with NaN or inf once more, by the function for one event: what their sum is tells them from the others.
template <int M>
inline void redo(const Wide (&sums)[M], const float* events, float* outputs) noexcept {
  Wide all = sums[0];
  for (int m = 1; m < M; ++m) all += sums[m];
  all -= all;  // 0, or NaN
  std::uint32_t lanes[widest], any = 0;
  std::memcpy(lanes, &all, sizeof all);
  for (int lane = 0; lane < widest; ++lane) any |= lanes[lane];
  if (any == 0) return;
  for (int event = 0; event < M * widest; ++event) one(events + event * n_inputs, outputs + event * n_outputs);
}

