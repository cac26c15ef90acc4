/* A table's page: / goes to the search, n to a new family; keys typed in a field are left alone. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typed = event.target.closest("input, textarea, select");
  if (event.key === "Escape" && typed) return typed.blur();
  if (typed || !/^[a-z/]$/.test(event.key)) return;
  const field = document.querySelector(`[data-key="${event.key}"]`);
  if (field) {
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  }
});
