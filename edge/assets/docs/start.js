// The key that a visitor enters stays in this page: it is neither stored nor put into the address.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  persistAuthorization: false,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  validatorUrl: null,
});
