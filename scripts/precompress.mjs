// Writes `name.br` and `name.gz` beside each file named on the command line, as small as they get.
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

for (const path of process.argv.slice(2)) {
  const bytes = readFileSync(path);
  // Which mode is the better one differs from program to program: sometimes that for fonts is.
  const modes = [constants.BROTLI_MODE_GENERIC, constants.BROTLI_MODE_FONT].map((mode) => {
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_MODE]: mode,
    };
    return brotliCompressSync(bytes, { params });
  });
  writeFileSync(`${path}.br`, modes.reduce((one, other) => (other.length < one.length ? other : one)));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
