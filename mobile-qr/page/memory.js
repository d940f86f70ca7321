// The few things this page remembers on the device; all optional.

function read(name) {
  try {
    return localStorage.getItem(`lotmark.${name}`);
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    localStorage.setItem(`lotmark.${name}`, value);
  } catch {
    // A private window may forbid it.
  }
}

export const language = { get: () => read("language"), set: (value) => write("language", value) };
export const introduced = { get: () => read("introduced") === "yes", set: () => write("introduced", "yes") };
/** The consortium seen on the last visit: a page that changes it says so. */
export const consortium = { get: () => read("consortium"), set: (value) => write("consortium", value) };
