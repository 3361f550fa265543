// node s3-server.mjs: an S3 server for as long as whoever forked it lives; sends where it is.
import { startS3 } from "@infra/testing/s3";

const { url, bucket, region, credentials } = await startS3();
process.send({ endpoint: url, bucket, region, credentials });
process.once("disconnect", () => process.exit());
