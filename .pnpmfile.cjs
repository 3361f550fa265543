// better-sqlite3 13 has prebuilt binaries and no install script, but says that it needs Node.js 22, and crashes on 20:
// there it is installed all the same, and not loaded. Version 12 would be compiled on every machine.
module.exports = {
  hooks: {
    readPackage(manifest) {
      if (manifest.name === "better-sqlite3") delete manifest.engines;
      return manifest;
    },
  },
};
