export type { Codec, CodecContext } from "./codecs/codec-stage.js";
export { formatCsv, parseCsv } from "./codecs/csv.js";
export type { CsvRecord, FormatCsvOptions, ParseCsvOptions } from "./codecs/csv.js";
export { gunzip, gzip, type GunzipOptions, type GzipOptions } from "./codecs/gzip.js";
export { formatNdjson, parseNdjson, type ParseNdjsonOptions } from "./codecs/ndjson.js";
