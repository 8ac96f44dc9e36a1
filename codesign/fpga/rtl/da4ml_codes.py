"""da4ml 0.6.0's codes of the operations in its lists."""

INPUT = -1  # takes what lies in a register, or an input
DIFFERENCE = 1
RELU = 2  # -RELU clears the negative of its operand
CONSTANT_SUM = 4
CONSTANT = 5
CHOICES = (6, -6)  # of two values, by a third
TABLE = 8
ADDITIONS = (0, DIFFERENCE, CONSTANT_SUM)
CASTS = (INPUT, 3, -3)
NEGATING = (-RELU, -3)  # their operand
WITHOUT_OPERANDS = (INPUT, CONSTANT)
KEY = 0xFFFFFFFF  # the part of a choice's data that says by which value it is made
