/** The API's description, from the routes. */
export async function apiDescription(): Promise<object> {
  // By address: the edge's types are those of the Worker's runtime, which this project does not know.
  const address = new URL("../../edge/src/openapi.ts", import.meta.url).href;
  const { apiDocument } = (await import(address)) as { apiDocument: () => object };
  return apiDocument();
}
