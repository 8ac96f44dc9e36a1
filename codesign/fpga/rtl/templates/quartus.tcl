# @{ name }@ in Quartus Prime. Written by codesign; see README.md.
#
#   quartus_sh -t build.tcl          synthesis, place and route, timing, with virtual pins
#   quartus_sh -t build.tcl PART     the same for another part
#
# Reports go to out/; "codesign compare out" reads the numbers that are written there.
load_package flow
load_package report
load_package device
set top @{ name }@
set part "@{ part }@"
set period_ns @{ clock_ns }@
set latency_cycles @{ latency }@
if {[llength $quartus(args)]} { set part [lindex $quartus(args) 0] }
if {$part eq ""} {
    puts stderr "build.tcl: expected a part of Intel, such as quartus_sh -t build.tcl 10AX115N2F45E1SG; the design is for @{ asked_part }@"
    exit 1
}
set here [file dirname [file normalize [info script]]]
set rtl [file dirname $here]
set out [file join $here out]
file mkdir $out
cd $out

# What a report says as a number, or null.
proc number {command} {
    if {[catch $command text]} { return null }
    set digits [string map {, {}} [lindex [split $text /] 0]]
    return [expr {[regexp {[0-9.]+} $digits count] ? $count : "null"}]
}

# The period that the slowest corner reaches, or null.
proc reached_ns {} {
    set slowest null
    foreach panel [get_report_panel_names] {
        if {![string match "*Fmax Summary*" $panel]} continue
        set fmax [number [list get_report_panel_data -name $panel -row 1 -col_name "Restricted Fmax"]]
        if {$fmax ne "null" && $fmax > 0 && ($slowest eq "null" || 1000.0 / $fmax > $slowest)} {
            set slowest [expr {1000.0 / $fmax}]
        }
    }
    return $slowest
}

project_new $top -overwrite
set_global_assignment -name FAMILY [lindex [get_part_info -family $part] 0]
set_global_assignment -name DEVICE $part
set_global_assignment -name TOP_LEVEL_ENTITY $top
foreach source {
@% for source in sources %@
    @{ source }@
@% endfor %@
} { set_global_assignment -name VERILOG_FILE [file join $rtl $source] }
foreach table [glob -nocomplain [file join $rtl src memfiles *.mem]] {
    file copy -force $table $out
    set_global_assignment -name MISC_FILE $table
}
set_global_assignment -name SDC_FILE [file join $here clock.sdc]
# All ports but the clock end in logic, as they would inside a larger design.
foreach port {
    rst
    valid_in
    valid_out
@% for port in ports %@
    @{ port }@
@% endfor %@
} {
    set_instance_assignment -name VIRTUAL_PIN ON -to $port
    set_instance_assignment -name VIRTUAL_PIN ON -to "$port\[*\]"
}
export_assignments
execute_flow -compile

load_report
set channel [open [file join $out fit.json] w]
puts $channel "{\"source\": \"post-route\", \"tool\": \"Quartus\", \"tool_version\": \"[lindex $quartus(version) 1]\", \"part\": \"$part\","
puts $channel " \"lut\": [number {get_fitter_resource_usage -alut -used}],"
puts $channel " \"ff\": [number {get_fitter_resource_usage -reg -used}],"
puts $channel " \"dsp\": [number {get_fitter_resource_usage -resource {Total DSP Blocks} -used}],"
puts $channel " \"latency_cycles\": $latency_cycles, \"initiation_interval\": 1,"
puts $channel " \"clock_target_ns\": $period_ns, \"clock_estimated_ns\": [reached_ns],"
puts $channel " \"sources\": {\"latency_cycles\": \"rtl-sim\", \"initiation_interval\": \"rtl-sim\"}}"
close $channel
unload_report
project_close
