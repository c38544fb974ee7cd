{#- Tables and views made in place. A month's file is locked by the run that builds it and thrown away before the next,
    so nobody needs the old table while the new one is made: dbt's own materializations make it under another name,
    rename twice and drop the old one, four statements more for each of sixty models. Hooks, grants, indexes and comments
    are not used here, and contracts are checked as ever, in create_table_as. -#}

{% materialization table, adapter='duckdb' -%}
  {{ return(made_in_place('table', create_table_as(False, this.incorporate(type='table'), compiled_code))) }}
{%- endmaterialization %}

{% materialization view, adapter='duckdb' -%}
  {{ return(made_in_place('view', create_view_as(this.incorporate(type='view'), compiled_code))) }}
{%- endmaterialization %}

{% macro made_in_place(type, sql) -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- if existing is not none and existing.type != type -%}
    {%- do adapter.drop_relation(existing) -%}
  {%- endif -%}
  {%- call statement('main') -%}
    drop {{ type }} if exists {{ this }};
    {{ sql }}
  {%- endcall -%}
  {%- do adapter.commit() -%}
  {{ return({'relations': [this.incorporate(type=type)]}) }}
{%- endmacro %}
