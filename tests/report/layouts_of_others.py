"""Hand-written reports of Quartus, nextpnr and yosys, for :mod:`tests.report.layouts`."""

QUARTUS = """\
Fitter report for tagger
+-----------------------------------------------------------------------------+
; Fitter Summary                                                              ;
+---------------------------------+-------------------------------------------+
; Fitter Status                   ; Successful - Mon Jan  8 10:00:00 2024     ;
; Quartus Prime Version           ; 21.4.0 Build 67 12/06/2021 SC Pro Edition ;
; Family                          ; Arria 10                                  ;
; Device                          ; 10AX115N2F45E1SG                          ;
; Logic utilization (in ALMs)     ; 4,520 / 427,200 ( 1 % )                   ;
; Total registers                 ; 16419                                     ;
; Total RAM Blocks                ; 36 / 2,713 ( 1 % )                        ;
; Total DSP Blocks                ; 40 / 1,518 ( 3 % )                        ;
+---------------------------------+-------------------------------------------+
; Combinational ALUT usage for logic                          ; 4,182         ;
"""

QUARTUS_SUMMARY = """\
Fitter Status : Successful - Sat Jan 12 11:51:18 2019
Quartus Prime Version : 18.1.0 Build 625 09/12/2018 SJ Lite Edition
Family : Cyclone V
Device : 5CGXFC7C7F23C8
Logic utilization (in ALMs) : 31,584 / 56,480 ( 56 % )
Total registers : 18716
Total RAM Blocks : 7 / 686 ( 1 % )
Total DSP Blocks : 0 / 156 ( 0 % )
"""

QUARTUS_TIMING = """\
Timing Analyzer report for tagger
Quartus Prime Version 21.4.0 Build 67 12/06/2021 SC Pro Edition
+----------------------------------------------------------------+
; Clocks                                                          ;
; clk        ; Base ; 4.000  ; 250.0 MHz ; 0.000 ; 2.000 ; { clk } ;
+----------------------------------------------------------------+
; Slow 900mV 100C Model Fmax Summary                             ;
; Fmax       ; Restricted Fmax ; Clock Name ; Note               ;
; 240.0 MHz  ; 200.0 MHz       ; clk        ; limit due to tmin  ;
+------------+-----------------+------------+--------------------+
"""

NEXTPNR = """\
{
  "fmax": {"$glbnet$clk": {"achieved": 80.0, "constraint": 100.0}, "slow": {"achieved": 60.0, "constraint": 10.0}},
  "utilization": {
    "TRELLIS_COMB": {"used": 4143, "available": 83640}, "TRELLIS_FF": {"used": 1327, "available": 83640},
    "DP16KD": {"used": 2, "available": 208}, "MULT18X18D": {"used": 5, "available": 156}
  }
}
"""

NEXTPNR_LOG = """\
Info: Packing carries..
Info: Device utilisation:
Info:           SLICE_LUTX:  1500/106400     1%
Info:            SLICE_FFX:   900/106400     0%
Info:            RAMB36E1:     2/   140     1%
Info:            BUFGCTRL:     1/   32     3%

Info: Max frequency for clock 'clk': 90.00 MHz (PASS at 50.00 MHz)
Info: Routing complete.
Info: Max frequency for clock 'clk': 40.00 MHz (FAIL at 50.00 MHz)
1 warning, 0 errors
Info: Program finished normally.
"""

YOSYS_OLD = """\
 Yosys 0.33 (git sha1 2584903a060)

3. Printing statistics.

=== sub ===

   Number of wires:                  5
   Number of cells:                  4
     FDRE                            1
     LUT2                            3

=== design hierarchy ===

   top                               1
     sub                             2

   Number of wires:                 20
   Number of cells:                 12
     CARRY4                          4
     FDRE                            2
     LUT2                            6

End of script.
"""

YOSYS_NEW = """\
=== top ===

        +----------Local Count, excluding submodules.
        |
       28 wires
        - memories
       18 cells
        2   CARRY4
        8   FDRE
        8   LUT2
"""
