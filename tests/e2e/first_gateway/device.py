#!/usr/bin/python3
"""A Modbus TCP device: slave 7, whose input register 1 is another at each question. Serves by libmodbus, which packs and checks every byte.

    device.py ADDRESS PORT FILE     appends each value it has answered to FILE, a line each, before the answer leaves
"""
import ctypes
import sys

SLAVE, REGISTER, FIRST = 7, 1, 40  # 4.0 degrees


class Mapping(ctypes.Structure):
    _fields_ = [(n, ctypes.c_int) for n in ("nb_bits", "start_bits", "nb_input_bits", "start_input_bits",
                                            "nb_input_registers", "start_input_registers", "nb_registers", "start_registers")]
    _fields_ += [("tab_bits", ctypes.c_void_p), ("tab_input_bits", ctypes.c_void_p),
                 ("tab_input_registers", ctypes.POINTER(ctypes.c_uint16)), ("tab_registers", ctypes.POINTER(ctypes.c_uint16))]


def library():
    lib = ctypes.CDLL("libmodbus.so.5", use_errno=True)
    lib.modbus_new_tcp.restype = ctypes.c_void_p
    lib.modbus_mapping_new.restype = ctypes.POINTER(Mapping)
    return lib


def serve(lib, context, listening, mapping, told):
    """One caller after another, each until it hangs up."""
    query = (ctypes.c_uint8 * 260)()
    value = FIRST
    while True:
        at = ctypes.c_int(listening)
        if lib.modbus_tcp_accept(context, ctypes.byref(at)) < 0:
            raise OSError(ctypes.get_errno(), "modbus_tcp_accept")
        while (size := lib.modbus_receive(context, query)) >= 0:
            if size == 0 or query[6] != SLAVE:
                continue
            if query[7] == 4:  # read input registers
                value += 1
                mapping.contents.tab_input_registers[REGISTER] = value
                told.write(f"{value}\n")
                told.flush()
            lib.modbus_reply(context, query, size, mapping)
        lib.modbus_close(context)


def main():
    address, port, file = sys.argv[1:]
    lib = library()
    context = ctypes.c_void_p(lib.modbus_new_tcp(address.encode(), int(port)))
    mapping = lib.modbus_mapping_new(0, 0, 0, 8)
    listening = lib.modbus_tcp_listen(context, 4)
    if listening < 0:
        raise OSError(ctypes.get_errno(), "modbus_tcp_listen")
    with open(file, "a", encoding="ascii") as told:
        print("listens", flush=True)
        serve(lib, context, listening, mapping, told)


if __name__ == "__main__":
    main()
