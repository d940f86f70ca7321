"""QEMU's own control line: what the world around the board is like."""
import json


class Qmp:
    def __init__(self, link):
        self.file = link.makefile("rw")
        self.link = link
        self.file.readline()  # its greeting
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def set_temperature(self, milli_celsius):
        self.ask("qom-set", path="/machine/peripheral/sensor", property="temperature", value=milli_celsius)

    def close(self):
        self.file.close()
        self.link.close()
