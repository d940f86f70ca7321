// A configuration of the agent with a section of every kind.
#pragma once

namespace lotmark::fuzz {

inline constexpr const char* kAgentConfig = R"(
[agent]
organisation = "acme"
device = "gw-1"
state_dir = "state"
chain = "f07e25659ab47773b7c7f25eabc1e8cf75b10675adfc701370b12e09ba714b0a"
bundle_s = 60
anchor = {size = 3, root = "f07e25659ab47773b7c7f25eabc1e8cf75b10675adfc701370b12e09ba714b0a"}
[key]
file = "gw-1.pem"
[broker]
url = "ssl://127.0.0.1:8883"
ca = "ca.pem"
cert = "gw-1.pem"
key = "gw-1.key"
[outbox]
max_bytes = 67108864
[node]
enterprise = ["045f77c4ae49c3f7da4aa2c808f2ef2680be043f544709743cd2b928d08ca0a72a5928c34b97dffe56cddb5d17eb8cbea478f6a9c87b0d1b109123a1c25c595704"]
reviewers = ["045f77c4ae49c3f7da4aa2c808f2ef2680be043f544709743cd2b928d08ca0a72a5928c34b97dffe56cddb5d17eb8cbea478f6a9c87b0d1b109123a1c25c595704"]
[[source]]
name = "cold-room"
type = "replay"
file = "in.csv"
pace = "1440x"
from = "2026-01-05T08:00:00Z"
time = {format = "columns", year = "y", month = "m", day = "d"}
columns = [{column = "v", channel = "t", unit = "Cel", exp = -2}]
missing = ["", "NA"]
[[source]]
name = "probe"
type = "exec"
command = ["probe", "--fast"]
restart = "never"
exp = -3
[[source]]
name = "button"
type = "frames"
path = "/dev/ttyS0"
device = "button-1"
[[source]]
name = "room"
type = "sysfs"
interval_ms = 500
channels = [{channel = "f", device = "w1:28-*", exp = -3, scale = "1.1", offset = "-2e-3", deadband = "0.5"}]
[[source]]
name = "scale"
type = "serial"
path = "/dev/ttyS1"
send = "P\r\n"
patterns = ["ST,{kg} *\\{"]
ignore = ["US{}"]
channels = [{channel = "kg", exp = -3}]
[[source]]
name = "plant"
type = "modbus"
address = "10.0.0.7"
channels = [{channel = "p", slave = 3, register = "input", address = 9, type = "f32", order = "cdab", exp = -1}]
)";

}  // namespace lotmark::fuzz
