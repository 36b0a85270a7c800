// What other resources use of the search and its kin.

export { compare } from "./compare.ts";
export { describeVideo } from "./describe.ts";
export { search } from "./search.ts";
