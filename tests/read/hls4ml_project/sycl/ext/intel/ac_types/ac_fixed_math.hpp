#pragma once
#include "ac_fixed.h"
