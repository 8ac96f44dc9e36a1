# @{ name }@ in Vivado. Written by codesign; see README.md.
#
#   vivado -mode batch -source build.tcl                    logic synthesis, out of context
#   vivado -mode batch -source build.tcl -tclargs route     and place and route
#   vivado -mode batch -source build.tcl -tclargs project   a project to open in the GUI, nothing is run
#
# An argument that begins with xc is the part. Reports go to out/; "codesign compare out" reads them.
set top @{ name }@
set part "@{ part }@"
set period_ns @{ clock_ns }@
set latency_cycles @{ latency }@
foreach argument $argv {
    if {[string match -nocase xc* $argument]} { set part $argument }
}
if {$part eq ""} {
    puts stderr "build.tcl: expected a part of AMD, such as -tclargs xcvu13p-flga2577-2-e; the design is for @{ asked_part }@"
    exit 1
}
set here [file dirname [file normalize [info script]]]
set rtl [file dirname $here]
set out [file join $here out]
set sources {}
foreach source {
@% for source in sources %@
    @{ source }@
@% endfor %@
} { lappend sources [file join $rtl $source] }
set tables [glob -nocomplain [file join $rtl src memfiles *.mem]]
set clock [file join $here clock.xdc]

# The number in the first row of a utilization report that has one of the names, or null.
proc used {report names} {
    foreach name $names {
        if {[regexp -line "^\\|\\s+$name\\*?\\s+\\|\\s+(\[0-9.\]+)\\s+\\|" $report -> count]} { return $count }
    }
    return null
}

# What the other reports say in one file of numbers.
proc write_numbers {source file} {
    global part period_ns latency_cycles
    set report [report_utilization -return_string]
    set bram [used $report {{Block RAM Tile}}]
    if {$bram ne "null"} { set bram [expr {int(2 * $bram)}] }
    set reached null
    set slack [get_property SLACK [get_timing_paths -delay_type max -max_paths 1]]
    if {[string is double -strict $slack]} { set reached [expr {$period_ns - $slack}] }
    set channel [open $file w]
    puts $channel "{\"source\": \"$source\", \"tool\": \"Vivado\", \"tool_version\": \"[version -short]\", \"part\": \"$part\","
    puts $channel " \"lut\": [used $report {{CLB LUTs} {Slice LUTs}}],"
    puts $channel " \"ff\": [used $report {{CLB Registers} {Slice Registers}}],"
    puts $channel " \"dsp\": [used $report {DSPs}], \"bram_18k\": $bram, \"uram\": [used $report {URAM}],"
    puts $channel " \"latency_cycles\": $latency_cycles, \"initiation_interval\": 1,"
    puts $channel " \"clock_target_ns\": $period_ns, \"clock_estimated_ns\": $reached,"
    puts $channel " \"sources\": {\"latency_cycles\": \"rtl-sim\", \"initiation_interval\": \"rtl-sim\"}}"
    close $channel
}

if {[lsearch -exact $argv project] >= 0} {
    create_project $top [file join $here project] -part $part -force
    add_files -norecurse [concat $sources $tables]
    add_files -fileset constrs_1 -norecurse $clock
    set_property USED_IN {synthesis implementation out_of_context} [get_files $clock]
    set bench [glob [file join $rtl testbench *]]
    add_files -fileset sim_1 -norecurse $bench
    set_property top $top [current_fileset]
    set_property top ${top}_tb [get_filesets sim_1]
    exit
}

file mkdir $out
create_project -in_memory -part $part
read_verilog $sources
if {[llength $tables]} { add_files -norecurse $tables }
read_xdc -mode out_of_context $clock

synth_design -top $top -part $part -mode out_of_context
write_checkpoint -force [file join $out synth.dcp]
report_utilization -file [file join $out utilization_synth.rpt]
report_timing_summary -file [file join $out timing_synth.rpt]
write_numbers vsynth [file join $out synth.json]

if {[lsearch -exact $argv route] >= 0} {
    opt_design
    place_design
    phys_opt_design
    route_design
    write_checkpoint -force [file join $out route.dcp]
    report_utilization -file [file join $out utilization_route.rpt]
    report_timing_summary -file [file join $out timing_route.rpt]
    report_power -file [file join $out power_route.rpt]
    write_numbers post-route [file join $out route.json]
}
