import * as fc from "fast-check";

// The same cases in every run, so that what fails is what a change broke. Others: PROPERTY_SEED=7 npx pnpm test
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });

export { fc };
