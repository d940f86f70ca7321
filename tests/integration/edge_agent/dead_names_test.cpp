// A name server that never answers, in a network of the program's own: it ends in time all the same.
#include "tests/integration/edge_agent/agent_program.h"

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;

class DeadNamesTest : public test::AgentProgramTest {
 protected:
  // Nothing comes back from 192.0.2.1, and nothing is refused.
  std::vector<std::string> without_names() {
    const std::string file = dir_.write("resolv.conf", "nameserver 192.0.2.1\noptions timeout:30\n");
    return {"unshare",
            "-rmn",
            "sh",
            "-c",
            "ip link set lo up && ip route add 192.0.2.1 dev lo && mount --bind " + file +
                " /etc/resolv.conf && exec \"$@\"",
            "sh"};
  }
  bool ended() const {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(agent_.pid()), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid != 0;
  }
  // It waits for the name server.
  bool asks() const {
    return lotmark::test::shell("grep -qi ':0035' /proc/" + std::to_string(agent_.pid()) +
                                "/net/udp");
  }
  void ends_in_time(const std::string& source) {
    if (!lotmark::test::shell("unshare -rmn true 2>/dev/null"))
      GTEST_SKIP() << "this system gives a user no network of its own";
    start_agent(source, without_names());
    ASSERT_TRUE(test::eventually([&] { return asks(); }));
    agent_.signal(SIGTERM);
    EXPECT_TRUE(test::eventually([&] { return ended(); }, 15s));
  }
};

TEST_F(DeadNamesTest, AReaderOfRfidDoesNotHoldUpTheEnd) {
  ends_in_time("[[source]]\nname = \"dock\"\ntype = \"llrp\"\nhost = \"reader.example\"\n");
}

TEST_F(DeadNamesTest, AModbusLineDoesNotHoldUpTheEnd) {
  ends_in_time(
      "[[source]]\nname = \"plant\"\ntype = \"modbus\"\naddress = \"plc.example\"\nchannels = "
      "[{channel = \"cold\", slave = 7, register = \"input\", address = 1, exp = -1}]\n");
}

}  // namespace
}  // namespace lotmark::agent
