// ---- physical values ----

// What a variable of the port's type holds after an assignment. Values beyond 2^62 steps, and NaN, are none that Network.emulate takes.
inline std::int64_t encoded(double value, const Port& port) noexcept {
  constexpr double most = 4611686018427387904.0;
  const double scaled = std::ldexp(value, port.fraction), floor = std::floor(scaled);
  double rounded = floor;
  if (port.rounding == Rounding::half_up) rounded = floor + (scaled - floor >= 0.5);
  if (port.rounding == Rounding::half_even) rounded = std::nearbyint(scaled);
  const std::int64_t code = !(rounded > -most) ? std::int64_t(-most) : rounded > most ? std::int64_t(most) : std::int64_t(rounded);
  if (port.width == 0) return 0;
  const int shift = 64 - port.width;
  if (port.overflow == Overflow::wrap)
    return port.is_signed ? std::int64_t(std::uint64_t(code) << shift) >> shift : std::int64_t(std::uint64_t(code) << shift >> shift);
  const std::int64_t high = (std::int64_t(1) << (port.width - port.is_signed)) - 1;
  const std::int64_t low = !port.is_signed ? 0 : -high - !(port.overflow == Overflow::saturate_symmetric && port.width > 1);
  return code < low ? low : code > high ? high : code;
}
